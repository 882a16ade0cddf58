import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

@Suite("The slskd stand-in: transfers")
struct FakeSlskdTransferTests {
    private let file = SlskdSharedFile.some()

    @Test("A download passes its states in order, and its bytes grow")
    func states() async throws {
        var ann = SlskdPeer("ann", files: [.some(size: 2_000_000)])
        ann.speed = 500_000
        try await withFake([ann]) { fixture in
            #expect(await fixture.enqueue(ann.files[0], from: "ann").status == 201)
            var (states, bytes): ([String], [Int64]) = ([], [])
            try await eventually("it has ended, after \(states)") {
                let all = await fixture.get("/transfers/downloads").json?.list
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
            let done = try await fixture.transfer(.succeeded)
            #expect(done["percentComplete"] == 100)
            #expect(done["endedAt"]?.stringValue?.hasSuffix("Z") == true)
            #expect(done["enqueuedAt"]?.stringValue?.hasSuffix("Z") == false)
            #expect(done["elapsedTime"]?.stringValue?.hasPrefix("00:00:") == true)
            #expect(done["exception"] == nil)
        }
    }

    @Test("Succeeded is stored before the file is moved")
    func movedLater() async throws {
        try await withFake([SlskdPeer("ann", files: [file])], adjust: { $0.timing.moving = .seconds(20) }) { fixture in
            _ = await fixture.enqueue(file, from: "ann")
            _ = try await fixture.transfer(.succeeded)
            #expect(fixture.downloaded.isEmpty)
            #expect(fixture.incomplete == ["ann/Music/Band/Album/01 Song.flac"])
            try await eventually { fixture.downloaded == ["Album/01 Song.flac"] }
            #expect(fixture.incomplete.isEmpty)
            let placed = fixture.fake.settings.downloads.appending(path: "Album/01 Song.flac")
            #expect(try Data(contentsOf: placed).count == 100_000)
        }
    }

    @Test("A move that fails keeps the state and says so in the exception")
    func movedBadly() async throws {
        try await withFake([SlskdPeer("ann", files: [file])]) { fixture in
            fixture.fake.setMoveFault(.fails("No space left on device"))
            _ = await fixture.enqueue(file, from: "ann")
            _ = try await fixture.transfer(.succeeded) { $0["exception"] == "No space left on device" }
            #expect(fixture.downloaded.isEmpty)
        }
    }

    @Test(
        "Each kind of peer fails in its own way",
        arguments: [
            (SlskdPeerBehaviour.rejects("Too many files"), FakeTransferState.rejected, "Too many files"),
            (.stalls(afterBytes: 5000), .timedOut, "Inactivity timeout of 60000 milliseconds"),
            (.disappears(afterBytes: 5000), .errored, "Remote connection closed"),
            (.hasOtherSize(7), .aborted, "remote size of 7 does not match expected size 100000"),
            (.neverResponds, .timedOut, "The wait timed out after 15000 milliseconds"),
            (.failsFirst(9), .errored, "Download reported as failed by remote client"),
        ])
    func failures(_ behaviour: SlskdPeerBehaviour, _ state: FakeTransferState, _ text: String) async throws {
        try await withFake(
            [SlskdPeer("ann", files: [file], behaviour: behaviour)],
            adjust: { $0.attempts = 1 }
        ) { fixture in
            #expect(await fixture.enqueue(file, from: "ann").status == 201)
            let transfer = try await fixture.transfer(state)
            #expect(transfer["exception"]?.stringValue?.contains(text) == true)
            #expect(transfer["endedAt"] != nil)
            #expect(fixture.downloaded.isEmpty)
        }
    }

    @Test("A file that is not shared, or locked, is rejected; a wrong size is aborted")
    func notShared() async throws {
        var locked = SlskdSharedFile.some(#"@@abcde\Locked\02.flac"#)
        locked.isLocked = true
        try await withFake([SlskdPeer("ann", files: [file, locked])]) { fixture in
            _ = await fixture.enqueue(.some(#"@@abcde\None\03.flac"#), from: "ann")
            #expect(
                try await fixture.transfer(.rejected)["exception"]?.stringValue?.contains("File not shared.") == true)
            _ = await fixture.enqueue(locked, from: "ann")
            _ = try await fixture.transfer(.rejected)
            _ = await fixture.enqueue(file, from: "ann", size: 0)
            _ = try await fixture.transfer(.aborted)
        }
    }

    @Test("On 0.26 a failed transfer is queued again, and goes on where the partial file ends")
    func retries() async throws {
        let ann = SlskdPeer("ann", files: [file], behaviour: .stalls(afterBytes: 5000))
        try await withFake([ann], adjust: { $0.timing.inactivity = .seconds(2) }) { fixture in
            _ = await fixture.enqueue(file, from: "ann")
            // The wait between two attempts can be too short to be seen.
            try await eventually("the second attempt") { (fixture.fake.transfers.last?.attempts ?? 0) >= 2 }
            #expect(fixture.incomplete == ["ann/Music/Band/Album/01 Song.flac"])
            fixture.fake.changePeer("ann") { $0.behaviour = .good }
            _ = try await fixture.transfer(.succeeded)
            let done = try #require(fixture.fake.transfers.last)
            #expect(done.attempts >= 2)
            #expect(done.startOffset == 5000)
            #expect(fixture.fake.transfers.count == 1)
            try await eventually { fixture.downloaded.count == 1 }
            let received = try Data(contentsOf: fixture.fake.settings.downloads.appending(path: fixture.downloaded[0]))
            #expect(received == (try file.content.data()))
        }
    }

    @Test("A DELETE between two attempts ends the retries")
    func endsRetries() async throws {
        let ann = SlskdPeer("ann", files: [file], behaviour: .failsFirst(1))
        try await withFake([ann], adjust: { $0.timing.retrying = .seconds(60) }) { fixture in
            _ = await fixture.enqueue(file, from: "ann")
            let waiting = try await fixture.transfer(.queuedLocally) { $0["attempts"] == 2 }
            #expect(waiting["exception"] != nil)
            let id = try #require(waiting["id"]?.stringValue)
            #expect(await fixture.delete("/transfers/downloads/ann/\(id)").status == 204)
            _ = try await fixture.transfer(.cancelled)
        }
    }

    @Test("Before 0.26 nothing is tried again, and a stall is noticed after its own time")
    func noRetries() async throws {
        let ann = SlskdPeer("ann", files: [file], behaviour: .stalls(afterBytes: 5000))
        try await withFake([ann], version: .v0_23) { fixture in
            _ = await fixture.enqueue(file, from: "ann")
            let failed = try await fixture.transfer(.timedOut)
            #expect(failed["exception"]?.stringValue?.contains("15000") == true)
            #expect(failed["attempts"] == 1)
        }
    }

    @Test("Removing a running transfer cancels it and hides it only at the second time")
    func removal() async throws {
        try await withFake([SlskdPeer("ann", files: [file], behaviour: .neverStarts(place: 1))]) { fixture in
            _ = await fixture.enqueue(file, from: "ann")
            let id = try #require(try await fixture.transfer(.queuedRemotely)["id"]?.stringValue)
            let path = "/transfers/downloads/ann/\(id)"
            #expect(await fixture.delete("\(path)?remove=true").status == 204)
            #expect(try await fixture.transfer(.cancelled)["removed"] == .bool(false))
            #expect(await fixture.get("/transfers/downloads/ann").status == 200)
            #expect(await fixture.delete("\(path)?remove=true").status == 204)
            #expect(await fixture.get("/transfers/downloads/ann").status == 404)
            #expect(await fixture.get("/transfers/downloads").json == [])
            #expect(await fixture.get("/transfers/downloads?includeRemoved=true").json?.list?.count == 1)
            #expect(await fixture.get(path).json?["removed"] == .bool(true))
        }
    }

    @Test("Ids are looked up alone; unknown ones are 404 to read, 204 to delete, and nonsense is 400")
    func identifiers() async throws {
        try await withFake([SlskdPeer("ann", files: [file], behaviour: .neverStarts(place: 7))]) { fixture in
            _ = await fixture.enqueue(file, from: "ann")
            let id = try #require(try await fixture.transfer(.queuedRemotely)["id"]?.stringValue)
            #expect(await fixture.get("/transfers/downloads/somebody/\(id)").status == 200)
            let unknown = "/transfers/downloads/ann/\(UUID().uuidString)"
            #expect(await fixture.get(unknown).status == 404)
            #expect(await fixture.delete(unknown).status == 204)
            #expect(await fixture.get("/transfers/downloads/ann/7").status == 400)
            #expect(await fixture.get("/transfers/downloads/ann/\(id)/position").json == 7)
            #expect(await fixture.get("/transfers/downloads/ann/\(id)").json?["placeInQueue"] == 7)
        }
    }

    @Test("A peer sends only so many files at once; the others have a place in its queue")
    func slots() async throws {
        let files = (1...4).map { SlskdSharedFile.some(#"@@abcde\Album\0\#($0).flac"#, size: 400_000) }
        var ann = SlskdPeer("ann", files: files)
        (ann.uploadSlots, ann.speed) = (1, 200_000)
        try await withFake([ann]) { fixture in
            #expect(await fixture.enqueueBatch(files, from: "ann").status == 201)
            let last = try await eventually("the last has its place") { () -> FakeTransfer? in
                fixture.fake.transfers.filter { $0.state == .queuedRemotely }.count == 3
                    ? fixture.fake.transfers.last { $0.state == .queuedRemotely } : nil
            }
            let place = await fixture.get("/transfers/downloads/ann/\(last.id)/position").json?.integerValue ?? 0
            #expect((1...3).contains(place))
            try await eventually { fixture.downloaded.count == 4 }
            #expect(fixture.fake.highestConcurrentUploads(of: "ann") == 1)
        }
    }

    @Test("A finished file that is asked for again gets a new record, and the old one is hidden")
    func again() async throws {
        try await withFake([SlskdPeer("ann", files: [file])]) { fixture in
            for count in 1...2 {
                #expect(await fixture.enqueue(file, from: "ann").json?["enqueued"]?.list?.count == 1)
                try await eventually { fixture.downloaded.count == count }
            }
            #expect(fixture.fake.transfers.map(\.removed) == [true, false])
            let second = try #require(fixture.downloaded.last { $0 != "Album/01 Song.flac" })
            #expect(second.wholeMatch(of: #/Album\/01 Song_[0-9]{18}\.flac/#) != nil)
        }
    }
}
