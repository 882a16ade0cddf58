import Contracts
import Foundation
import TestSupport
import Testing

@Suite("The slskd stand-in: transfers")
struct SlskdStandInTransferTests {
    private let file = SlskdSharedFile.some()

    @Test("A download passes its states in order, and its bytes grow")
    func states() async throws {
        var ann = SlskdPeer("ann", files: [.some(size: 2_000_000)])
        ann.speed = 500_000
        try await withStandIn([ann]) { world in
            #expect(await world.enqueue(ann.files[0], from: "ann").status == 201)
            var (states, bytes): ([String], [Int64]) = ([], [])
            try await eventually("it has ended, after \(states)") {
                let all = await world.get("/transfers/downloads").json?.list
                let transfer = all?.first?["directories"]?.list?.first?["files"]?.list?.first
                let state = transfer?["state"]?.stringValue ?? ""
                if states.last != state { states.append(state) }
                bytes.append(transfer?["bytesTransferred"]?.integerValue ?? -1)
                return state.hasPrefix("Completed")
            }
            let order = ["Queued, Locally", "Requested", "Queued, Remotely", "Initializing", "InProgress"]
            let seen = states.dropLast().compactMap { order.firstIndex(of: $0) }
            #expect(seen == seen.sorted() && seen.count == states.count - 1)
            #expect(states.last == "Completed, Succeeded")
            #expect(bytes == bytes.sorted() && Set(bytes).count > 3)
            let done = try await world.transfer(.succeeded)
            #expect(done["percentComplete"] == 100)
            #expect(done["endedAt"]?.stringValue?.hasSuffix("Z") == true)
            #expect(done["enqueuedAt"]?.stringValue?.hasSuffix("Z") == false)
            #expect(done["elapsedTime"]?.stringValue?.hasPrefix("00:00:") == true)
            #expect(done["exception"] == nil)
        }
    }

    @Test("Succeeded is stored before the file is moved")
    func movedLater() async throws {
        try await withStandIn([SlskdPeer("ann", files: [file])], adjust: { $0.timing.moving = .seconds(20) }) { world in
            _ = await world.enqueue(file, from: "ann")
            _ = try await world.transfer(.succeeded)
            #expect(world.downloaded.isEmpty)
            #expect(world.incomplete == ["ann/Music/Band/Album/01 Song.flac"])
            try await eventually { world.downloaded == ["Album/01 Song.flac"] }
            #expect(world.incomplete.isEmpty)
            let placed = world.standIn.settings.downloads.appending(path: "Album/01 Song.flac")
            #expect(try Data(contentsOf: placed).count == 100_000)
        }
    }

    @Test("A move that fails keeps the state and says so in the exception")
    func movedBadly() async throws {
        try await withStandIn([SlskdPeer("ann", files: [file])]) { world in
            world.standIn.setMoveFault(.fails("No space left on device"))
            _ = await world.enqueue(file, from: "ann")
            _ = try await world.transfer(.succeeded) { $0["exception"] == "No space left on device" }
            #expect(world.downloaded.isEmpty)
        }
    }

    @Test(
        "Each kind of peer fails in its own way",
        arguments: [
            (SlskdPeerBehaviour.rejects("Too many files"), StandInTransferState.rejected, "Too many files"),
            (.stalls(afterBytes: 5000), .timedOut, "Inactivity timeout of 60000 milliseconds"),
            (.disappears(afterBytes: 5000), .errored, "Remote connection closed"),
            (.hasOtherSize(7), .aborted, "remote size of 7 does not match expected size 100000"),
            (.neverAnswers, .timedOut, "The wait timed out after 15000 milliseconds"),
            (.failsFirst(9), .errored, "Download reported as failed by remote client"),
        ])
    func failures(_ behaviour: SlskdPeerBehaviour, _ state: StandInTransferState, _ text: String) async throws {
        try await withStandIn(
            [SlskdPeer("ann", files: [file], behaviour: behaviour)],
            adjust: { $0.attempts = 1 }
        ) { world in
            #expect(await world.enqueue(file, from: "ann").status == 201)
            let transfer = try await world.transfer(state)
            #expect(transfer["exception"]?.stringValue?.contains(text) == true)
            #expect(transfer["endedAt"] != nil)
            #expect(world.downloaded.isEmpty)
        }
    }

    @Test("A file that is not shared, or locked, is rejected; a wrong size is aborted")
    func notShared() async throws {
        var locked = SlskdSharedFile.some(#"@@abcde\Locked\02.flac"#)
        locked.isLocked = true
        try await withStandIn([SlskdPeer("ann", files: [file, locked])]) { world in
            _ = await world.enqueue(.some(#"@@abcde\None\03.flac"#), from: "ann")
            #expect(try await world.transfer(.rejected)["exception"]?.stringValue?.contains("File not shared.") == true)
            _ = await world.enqueue(locked, from: "ann")
            _ = try await world.transfer(.rejected)
            _ = await world.enqueue(file, from: "ann", size: 0)
            _ = try await world.transfer(.aborted)
        }
    }

    @Test("On 0.26 a failed transfer is queued again, and goes on where the partial file ends")
    func retries() async throws {
        let ann = SlskdPeer("ann", files: [file], behaviour: .stalls(afterBytes: 5000))
        try await withStandIn([ann], adjust: { $0.timing.inactivity = .seconds(2) }) { world in
            _ = await world.enqueue(file, from: "ann")
            let waiting = try await world.transfer(.queuedLocally) { $0["attempts"] == 2 }
            #expect(waiting["exception"] != nil)
            #expect(world.incomplete == ["ann/Music/Band/Album/01 Song.flac"])
            world.standIn.changePeer("ann") { $0.behaviour = .good }
            _ = try await world.transfer(.succeeded)
            let done = try #require(world.standIn.transfers.last)
            #expect(done.attempts == 2)
            #expect(done.startOffset == 5000)
            #expect(world.standIn.transfers.count == 1)
            try await eventually { world.downloaded.count == 1 }
            let received = try Data(contentsOf: world.standIn.settings.downloads.appending(path: world.downloaded[0]))
            #expect(received == (try file.content.data()))
        }
    }

    @Test("A DELETE between two attempts ends the retries")
    func endsRetries() async throws {
        let ann = SlskdPeer("ann", files: [file], behaviour: .failsFirst(1))
        try await withStandIn([ann], adjust: { $0.timing.retrying = .seconds(60) }) { world in
            _ = await world.enqueue(file, from: "ann")
            let waiting = try await world.transfer(.queuedLocally) { $0["attempts"] == 2 }
            let id = try #require(waiting["id"]?.stringValue)
            #expect(await world.delete("/transfers/downloads/ann/\(id)").status == 204)
            _ = try await world.transfer(.cancelled)
        }
    }

    @Test("Before 0.26 nothing is tried again, and a stall is noticed after its own time")
    func noRetries() async throws {
        let ann = SlskdPeer("ann", files: [file], behaviour: .stalls(afterBytes: 5000))
        try await withStandIn([ann], version: .v0_23) { world in
            _ = await world.enqueue(file, from: "ann")
            let failed = try await world.transfer(.timedOut)
            #expect(failed["exception"]?.stringValue?.contains("15000") == true)
            #expect(failed["attempts"] == 1)
        }
    }

    @Test("Removing a running transfer cancels it and hides it only at the second time")
    func removal() async throws {
        try await withStandIn([SlskdPeer("ann", files: [file], behaviour: .neverStarts(place: 1))]) { world in
            _ = await world.enqueue(file, from: "ann")
            let id = try #require(try await world.transfer(.queuedRemotely)["id"]?.stringValue)
            let path = "/transfers/downloads/ann/\(id)"
            #expect(await world.delete("\(path)?remove=true").status == 204)
            #expect(try await world.transfer(.cancelled)["removed"] == .bool(false))
            #expect(await world.get("/transfers/downloads/ann").status == 200)
            #expect(await world.delete("\(path)?remove=true").status == 204)
            #expect(await world.get("/transfers/downloads/ann").status == 404)
            #expect(await world.get("/transfers/downloads").json == [])
            #expect(await world.get("/transfers/downloads?includeRemoved=true").json?.list?.count == 1)
            #expect(await world.get(path).json?["removed"] == .bool(true))
        }
    }

    @Test("Ids are looked up alone; unknown ones are 404 to read, 204 to delete, and nonsense is 400")
    func identifiers() async throws {
        try await withStandIn([SlskdPeer("ann", files: [file], behaviour: .neverStarts(place: 7))]) { world in
            _ = await world.enqueue(file, from: "ann")
            let id = try #require(try await world.transfer(.queuedRemotely)["id"]?.stringValue)
            #expect(await world.get("/transfers/downloads/somebody/\(id)").status == 200)
            let unknown = "/transfers/downloads/ann/\(UUID().uuidString)"
            #expect(await world.get(unknown).status == 404)
            #expect(await world.delete(unknown).status == 204)
            #expect(await world.get("/transfers/downloads/ann/7").status == 400)
            #expect(await world.get("/transfers/downloads/ann/\(id)/position").json == 7)
            #expect(await world.get("/transfers/downloads/ann/\(id)").json?["placeInQueue"] == 7)
        }
    }

    @Test("A peer sends only so many files at once; the others have a place in its queue")
    func slots() async throws {
        let files = (1...4).map { SlskdSharedFile.some(#"@@abcde\Album\0\#($0).flac"#, size: 400_000) }
        var ann = SlskdPeer("ann", files: files)
        (ann.uploadSlots, ann.speed) = (1, 200_000)
        try await withStandIn([ann]) { world in
            #expect(await world.enqueueBatch(files, from: "ann").status == 201)
            let last = try await eventually("the last has its place") { () -> StandInTransfer? in
                world.standIn.transfers.filter { $0.state == .queuedRemotely }.count == 3
                    ? world.standIn.transfers.last { $0.state == .queuedRemotely } : nil
            }
            let place = await world.get("/transfers/downloads/ann/\(last.id)/position").json?.integerValue ?? 0
            #expect((1...3).contains(place))
            try await eventually { world.downloaded.count == 4 }
            #expect(world.standIn.mostUploadsAtOnce(of: "ann") == 1)
        }
    }

    @Test("A finished file that is asked for again gets a new record, and the old one is hidden")
    func again() async throws {
        try await withStandIn([SlskdPeer("ann", files: [file])]) { world in
            for count in 1...2 {
                #expect(await world.enqueue(file, from: "ann").json?["enqueued"]?.list?.count == 1)
                try await eventually { world.downloaded.count == count }
            }
            #expect(world.standIn.transfers.map(\.removed) == [true, false])
            let second = try #require(world.downloaded.last { $0 != "Album/01 Song.flac" })
            #expect(second.wholeMatch(of: #/Album\/01 Song_[0-9]{18}\.flac/#) != nil)
        }
    }
}
