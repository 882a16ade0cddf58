import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

@testable import AudioSources

@Suite("Fetching during outages of slskd")
struct SlskdFetchOutageTests {
    /// Two seconds of real time.
    private static let file = SlskdSharedFile.some(#"@@abcde\Music\Long\01 Long.flac"#, size: 1_000_000)
    private static let anna: SlskdPeer = {
        var peer = SlskdPeer("anna", files: [file])
        peer.speed = 25_000
        return peer
    }()

    @Test(
        "A file that slskd completed itself after its restart is used",
        arguments: [Duration.milliseconds(500), .seconds(60)])
    func finishesUnseen(_ absence: Duration) async throws {
        try await withFetchFixture([Self.anna], settings: { $0.absence = absence }) { fixture in
            let order = fixture.order(Self.file, from: "anna", job: JobID(), alternatives: true)
            let first = Task { try await fixture.follow(order) }
            try await fixture.isReceiving()
            fixture.fake.inject(.refuses, on: [.listTransfers])
            try await fixture.fake.restart(after: .milliseconds(300))
            try await eventually { fixture.fake.transfers.last?.localFile != nil }
            if absence < .seconds(60) {
                guard case .sourceUnavailable(_, isLost: false) = try await first.value else {
                    throw NotInTime(description: "slskd is not away")
                }
            }
            fixture.fake.clearFaults()
            let result = absence < .seconds(60) ? try await fixture.followWhenReady(order) : try await first.value
            try fixture.expectOnce(result, Self.file)
        }
    }

    @Test("A later round adopts a transfer that slskd resumed after its restart")
    func laterRound() async throws {
        try await withFetchFixture([Self.anna]) { fixture in
            let order = fixture.order(Self.file, from: "anna", job: JobID(), alternatives: true)
            try await fixture.beginAndLeave(order)
            try await fixture.fake.restart()
            try await eventually { fixture.fake.transfers.count == 2 }
            var later = order
            (later.round, later.earlierRounds) = ("2", ["1"])
            try fixture.expectOnce(try await fixture.followWhenReady(later), Self.file)
            #expect(fixture.steps.all.contains(.adopted))
        }
    }

    @Test("A failure of slskd during an order does not count against the peer", arguments: [nil, 2])
    func failsAtOrder(_ times: Int?) async throws {
        try await withFetchFixture([Self.anna]) { fixture in
            let order = fixture.order(Self.file, from: "anna", job: JobID(), alternatives: true)
            let routes: Set<FakeRoute> = times == nil ? [.enqueueBatch, .server] : [.enqueueBatch]
            fixture.fake.inject(.responds(status: 500), on: routes, times: times)
            var result = try await fixture.follow(order)
            if times == nil {
                guard case .sourceUnavailable(let error, _) = result else { throw NotInTime(description: "\(result)") }
                #expect(error.code == .unavailable)
                fixture.fake.clearFaults()
                result = try await fixture.followWhenReady(order)
            }
            guard case .acquired = result else { throw NotInTime(description: "\(result)") }
            #expect(fixture.fake.transfers.count == 1)
        }
    }

    @Test("A transfer that failed while no process followed it is ordered again")
    func failsUnseen() async throws {
        try await withFetchFixture([Self.anna]) { fixture in
            let order = fixture.order(Self.file, from: "anna", job: JobID(), alternatives: true)
            try await fixture.beginAndLeave(order)
            fixture.fake.loseNetwork()
            try await eventually {
                fixture.fake.transfers.contains { $0.attempts == 3 && $0.state == .errored }
            }
            fixture.fake.reconnect()
            guard case .acquired = try await fixture.followWhenReady(order) else {
                throw NotInTime(description: "not acquired")
            }
            #expect(fixture.fake.transfers.count == 2)
            #expect(fixture.listed == 0)
        }
    }

    @Test("A file of another client of slskd is not changed")
    func somebodyElses() async throws {
        try await withFetchFixture([SlskdPeer("anna", files: [Self.file])]) { fixture in
            _ = await fixture.fixture.enqueue(Self.file, from: "anna")
            try await eventually { fixture.fake.transfers.first?.localFile != nil }
            let theirs = try #require(fixture.fake.transfers.first?.localFile)
            let result = try await fixture.follow(fixture.order(Self.file, from: "anna", job: JobID()))
            guard case .acquired = result else { throw NotInTime(description: "\(result)") }
            #expect(fixture.fake.transfers.count == 2)
            #expect(try Data(contentsOf: theirs) == Self.file.content.data())
        }
    }
}

extension FetchFixture {
    /// Orders a file, and follows it no more once bytes flow.
    fileprivate func beginAndLeave(_ order: TransferOrder) async throws {
        let first = Task { try await follow(order) }
        try await isReceiving()
        first.cancel()
        _ = await first.result
    }

    fileprivate func followWhenReady(_ order: TransferOrder) async throws -> TransferResult {
        try await eventually { try await client.isAnsweringAndReady }
        return try await follow(order)
    }

    /// The file is there, and was ordered once.
    fileprivate func expectOnce(_ result: TransferResult, _ file: SlskdSharedFile) throws {
        guard case .acquired(let fetched) = result else { throw NotInTime(description: "\(result)") }
        #expect(try Data(contentsOf: fetched.file) == file.content.data())
        #expect(fake.enqueues(of: file.path) == 1)
        #expect(running == 0)
    }
}
