import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

@testable import AudioSources

@Suite("Fetching through slskd")
struct SlskdFetchTests {
    private static let file = SlskdSharedFile.some(size: 300_000)
    /// Two seconds of real time.
    private static let long = SlskdSharedFile.some(#"@@abcde\Music\Long\01 Long.flac"#, size: 1_000_000)

    private static func slow(_ name: String = "anna") -> SlskdPeer {
        var peer = SlskdPeer(name, files: [long])
        peer.speed = 25_000
        return peer
    }

    @Test("A file is fetched and nothing remains at slskd", arguments: [FakeVersion.v0_26, .v0_25, .v0_23])
    func fetches(_ version: FakeVersion) async throws {
        try await withFetchFixture([SlskdPeer("anna", files: [Self.file])], version: version) { fixture in
            let data = try await fixture.fetch(fixture.order(Self.file, from: "anna", job: JobID()))
            #expect(try data == Self.file.content.data())
            #expect(fixture.fake.enqueues(of: Self.file.path) == 1)
            #expect(fixture.listed == 0)
            #expect(fixture.fixture.downloaded.isEmpty)
            #expect(fixture.steps.all.first == .ordered)
        }
    }

    @Test(
        "A peer that does not deliver fails the candidate, and its transfer is ended",
        arguments: [
            (SlskdPeerBehaviour.offline, SourceError.Code.refused), (.unreachable, .refused),
            (.neverResponds, .timedOut), (.neverStarts(place: 7), .timedOut), (.stalls(afterBytes: 4096), .timedOut),
            (.rejects("Too many files"), .refused), (.rejects("File not shared."), .gone),
            (.disappears(afterBytes: 4096), .peerAway), (.hasOtherSize(5), .changed),
        ])
    func givesUp(_ behaviour: SlskdPeerBehaviour, _ code: SourceError.Code) async throws {
        try await withFetchFixture([SlskdPeer("anna", files: [Self.file], behaviour: behaviour)]) { fixture in
            let error = await #expect(throws: SourceError.self) {
                _ = try await fixture.follow(fixture.order(Self.file, from: "anna", job: JobID(), alternatives: true))
            }
            #expect(error?.code == code, "\(String(describing: error))")
            #expect(fixture.running == 0)
            #expect(fixture.listed == 0)
            #expect(fixture.fake.enqueues(of: Self.file.path) == 1)
        }
    }

    @Test("slskd may repeat a transfer itself")
    func retries() async throws {
        try await withFetchFixture([SlskdPeer("anna", files: [Self.file], behaviour: .failsFirst(2))]) { fixture in
            let data = try await fixture.fetch(fixture.order(Self.file, from: "anna", job: JobID()))
            #expect(try data == Self.file.content.data())
            #expect(fixture.fake.enqueues(of: Self.file.path) == 1)
        }
    }

    @Test("With hostile names the file arrives or the candidate fails, and nothing is written elsewhere")
    func hostile() async throws {
        let files = Self.file.underHostilePaths()
        try await withFetchFixture([SlskdPeer("anna", files: files)]) { fixture in
            var arrived = 0
            for file in files {
                do {
                    let data = try await fixture.fetch(fixture.order(file, from: "anna", job: JobID()))
                    #expect(try data == file.content.data())
                    arrived += 1
                } catch let error as SourceError {
                    #expect(error.anotherCandidateMayHelp)
                }
            }
            #expect(arrived >= 6, "\(arrived) of \(files.count)")
            let all = FakeSlskdFixture.files(in: fixture.fixture.folder)
            let places = ["jobs/", "downloads/", "incomplete/"]
            #expect(all.allSatisfy { path in places.contains { path.hasPrefix($0) } }, "\(all)")
            #expect(all.count { $0.hasPrefix("jobs/") } == arrived)
        }
    }

    @Test("A file is ordered once when the response is lost", arguments: [FakeVersion.v0_26, .v0_25])
    func lostAnswer(_ version: FakeVersion) async throws {
        try await withFetchFixture([Self.slow()], version: version) { fixture in
            fixture.fake.inject(.losesResponse, on: [.enqueueBatch, .enqueue], times: 1)
            let data = try await fixture.fetch(fixture.order(Self.long, from: "anna", job: JobID()))
            #expect(try data == Self.long.content.data())
            #expect(fixture.fake.transfers.count == 1)
        }
    }

    @Test("The transfer of a killed process is adopted", arguments: [FakeVersion.v0_26, .v0_25, .v0_23])
    func adopts(_ version: FakeVersion) async throws {
        try await withFetchFixture([Self.slow()], version: version) { fixture in
            let order = fixture.order(Self.long, from: "anna", job: JobID())
            let first = Task { try await fixture.follow(order) }
            try await fixture.isReceiving()
            first.cancel()
            _ = await first.result
            let next = fixture.again()
            let data = try await next.fetch(order)
            #expect(try data == Self.long.content.data())
            #expect(next.steps.all.first == .adopted)
            #expect(fixture.fake.enqueues(of: Self.long.path) == 1)
            await next.client.close()
        }
    }

    @Test("A file that was fetched before is adopted")
    func takesEarlier() async throws {
        try await withFetchFixture([SlskdPeer("anna", files: [Self.file])]) { fixture in
            let order = fixture.order(Self.file, from: "anna", job: JobID())
            let one = try await fixture.fetch(order)
            let two = try await fixture.fetch(order)
            #expect(one == two)
            #expect(fixture.fake.enqueues(of: Self.file.path) == 1)
        }
    }

    @Test(
        "A transfer continues after a restart of slskd, with and without its stored transfers",
        arguments: [false, true])
    func restart(_ isVolatile: Bool) async throws {
        try await withFetchFixture([Self.slow()], adjust: { $0.isVolatile = isVolatile }) { fixture in
            let order = fixture.order(Self.long, from: "anna", job: JobID())
            let first = Task { try await fixture.follow(order) }
            try await fixture.isReceiving()
            try await fixture.fake.restart(after: .milliseconds(300))
            var result = try await first.value
            var order2 = order
            for round in 2...10 {
                guard case .sourceUnavailable(_, let isLost) = result else { break }
                if isLost { order2.round = "\(round)" }
                try await eventually { try await fixture.client.isAnsweringAndReady }
                result = try await fixture.follow(order2)
            }
            guard case .acquired(let file) = result else { throw NotInTime(description: "\(result)") }
            #expect(try Data(contentsOf: file.file) == Self.long.content.data())
            #expect(fixture.fake.enqueues(of: Self.long.path) == (isVolatile ? 2 : 1))
            #expect(fixture.running == 0)
        }
    }

    @Test("Responses with status 500 make slskd unavailable, and the same transfer continues afterwards")
    func away() async throws {
        try await withFetchFixture([Self.slow()]) { fixture in
            let order = fixture.order(Self.long, from: "anna", job: JobID())
            let first = Task { try await fixture.follow(order) }
            try await fixture.isReceiving()
            fixture.fake.inject(.responds(status: 500))
            guard case .sourceUnavailable(let error, let isLost) = try await first.value else {
                throw NotInTime(description: "slskd is not away")
            }
            #expect(error.code == .unavailable)
            #expect(!isLost)
            fixture.fake.clearFaults()
            try await eventually { try await fixture.client.isAnsweringAndReady }
            #expect(try await fixture.fetch(order) == Self.long.content.data())
            #expect(fixture.fake.enqueues(of: Self.long.path) == 1)
        }
    }

    @Test("While slskd is not logged in, no failure counts against a peer")
    func loggedOut() async throws {
        try await withFetchFixture([Self.slow()]) { fixture in
            let order = fixture.order(Self.long, from: "anna", job: JobID(), alternatives: true)
            let first = Task { try await fixture.follow(order) }
            try await fixture.isReceiving()
            fixture.fake.loseNetwork()
            guard case .sourceUnavailable(_, let isLost) = try await first.value else {
                throw NotInTime(description: "slskd is not away")
            }
            #expect(isLost)
            fixture.fake.reconnect()
            try await eventually { try await fixture.client.isAnsweringAndReady }
            var next = order
            next.round = "2"
            #expect(try await fixture.fetch(next) == Self.long.content.data())
            #expect(fixture.running == 0)
        }
    }

    @Test("A queued transfer is pending and is adopted later")
    func parks() async throws {
        try await withFetchFixture([SlskdPeer("anna", files: [Self.file], behaviour: .neverStarts(place: 7))]) {
            fixture in
            var order = fixture.order(Self.file, from: "anna", job: JobID(), stay: .milliseconds(500))
            for _ in 0..<2 {
                guard case .pending(let reason, let wait) = try await fixture.follow(order) else {
                    throw NotInTime(description: "not parked")
                }
                #expect(reason.contains("queue"))
                if order.since != nil { #expect(wait?.place == 7) }
                (order.since, order.stay) = (.now, .seconds(60))
            }
            #expect(fixture.fake.enqueues(of: Self.file.path) == 1)
            #expect(fixture.steps.all.contains(.adopted))
        }
    }

    @Test("The transfer of a cancelled job is ended")
    func cancels() async throws {
        try await withFetchFixture([Self.slow()]) { fixture in
            let order = fixture.order(Self.long, from: "anna", job: JobID())
            let first = Task { try await fixture.follow(order) }
            try await fixture.isReceiving()
            await fixture.source.cancel(job: order.job)
            await #expect(throws: CancellationError.self) { _ = try await first.value }
            #expect(fixture.running == 0)
        }
    }

    @Test(
        "The wait for a file that slskd could not move is limited",
        arguments: [FakeMoveFault.fails("Failed to move file: Permission denied"), .vanishes])
    func badlyMoved(_ fault: FakeMoveFault) async throws {
        try await withFetchFixture([SlskdPeer("anna", files: [Self.file])]) { fixture in
            fixture.fake.setMoveFault(fault)
            let error = await #expect(throws: SourceError.self) {
                _ = try await fixture.follow(fixture.order(Self.file, from: "anna", job: JobID()))
            }
            // It may have been seen just before it vanished.
            #expect(error?.code == .unreadable || fault == .vanishes && error?.code == .gone, "\(fault): \(error)")
        }
    }

    @Test("Another file with the same name is never used", arguments: [FakeVersion.v0_26, .v0_25])
    func namesakes(_ version: FakeVersion) async throws {
        let other = SlskdSharedFile(Self.file.path, content: .generated(seed: 99, size: 300_000), size: 300_000)
        let peers = [SlskdPeer("anna", files: [Self.file]), SlskdPeer("bert", files: [other])]
        try await withFetchFixture(peers, version: version) { fixture in
            let mine = fixture.fake.settings.downloads.appending(path: "Album/01 Song.flac")
            try FileManager.default.createDirectory(
                at: mine.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(repeating: 7, count: 300_000).write(to: mine)
            async let first = fixture.fetch(fixture.order(Self.file, from: "anna", job: JobID()))
            // Before 0.26 slskd itself mixes up namesakes that it receives at the same time.
            if version < .v0_26 { _ = try await first }
            async let second = fixture.fetch(fixture.order(other, from: "bert", job: JobID()))
            let (one, two) = try await (first, second)
            #expect(try one == Self.file.content.data())
            #expect(try two == other.content.data())
            #expect(try Data(contentsOf: mine) == Data(repeating: 7, count: 300_000))
        }
    }

    @Test("A file is ordered once when the response arrives after the timeout")
    func lateAnswer() async throws {
        let limits: (inout SlskdLimits) -> Void = { ($0.timeout, $0.peerTimeout) = (.seconds(2), .seconds(2)) }
        try await withFetchFixture([Self.slow()], limits: limits) { fixture in
            fixture.fake.inject(.respondsLate(.seconds(4)), on: [.enqueueBatch], times: 1)
            let data = try await fixture.fetch(fixture.order(Self.long, from: "anna", job: JobID()))
            #expect(try data == Self.long.content.data())
            #expect(fixture.fake.transfers.count == 1)
        }
    }

    @Test("One request for all transfers is sent at most once a second")
    func oneList() async throws {
        let files = (0..<40).map { SlskdSharedFile.some(#"@@abcde\Music\Many\\#($0) Song.flac"#, size: 100_000) }
        var peer = SlskdPeer("anna", files: files)
        peer.uploadSlots = 100
        peer.speed = 2_000
        try await withFetchFixture([peer], settings: { $0.poll = .seconds(1) }) { fixture in
            try await withThrowingTaskGroup { group in
                for file in files {
                    group.addTask { _ = try await fixture.fetch(fixture.order(file, from: "anna", job: JobID())) }
                }
                try await group.waitForAll()
            }
            // A loaded machine can delay single requests, so the whole span is checked, with two requests of tolerance.
            let polls = fixture.fake.log.requests(to: .listTransfers).map(\.startedAt)
            let span = try #require(polls.first).duration(to: try #require(polls.last))
            #expect(span > .seconds(polls.count - 3), "\(polls.count) requests in \(span)")
            #expect(fixture.fake.enqueuedTwice.isEmpty)
            #expect(fixture.fake.log.requests(to: .userTransfers).isEmpty)
        }
    }
}

extension FetchFixture {
    /// Waits until bytes flow.
    func isReceiving() async throws {
        try await eventually("bytes flow") { fake.transfers.contains { $0.bytesTransferred > 0 } }
    }
}

extension SlskdClient {
    /// Whether slskd answers, and is logged in.
    var isAnsweringAndReady: Bool {
        get async throws {
            do {
                return try await serverState().isReady
            } catch is SlskdError {
                return false
            }
        }
    }
}
