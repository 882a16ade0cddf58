import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// slskd and the network fail and recover. No job is lost, no attempt is used, and no failure counts against a peer.
@Suite(.serialized, .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct SlskdOutageTests {
    private static let count = 12

    @Test(arguments: [false, true])
    func `Jobs survive a restart of slskd, with and without its stored transfers`(isVolatile: Bool) async throws {
        try await run(isVolatile: isVolatile) { fake, stack in
            // An order without a response must be repeated. Here every order has its response.
            try await eventually("all are ordered") {
                fake.log.requests(to: .enqueueBatch).count { $0.status == 201 } == Self.count
            }
            try await fake.restart(after: .seconds(3))
        } atEnd: { fake in
            if !isVolatile { #expect(fake.enqueuedTwice.isEmpty, "\(fake.enqueuedTwice)") }
            let orders = Dictionary(grouping: fake.log.enqueued, by: \.filename).mapValues(\.count)
            #expect(orders.values.allSatisfy { $0 <= 2 }, "\(orders)")
        }
    }

    @Test func `Jobs survive a loss of the network, and nothing is consumed during it`() async throws {
        try await run { fake, stack in
            fake.loseNetwork()
            try await expectReady(false, stack)
            // Jobs in progress are snoozed first. Then no job is started, however often the services check slskd.
            try await eventually("no more searches and orders are sent") { Self.recentJobRequests(fake.log) == 0 }
            let quiet = fake.log.requests.count
            try await eventually("slskd was checked ten times") {
                fake.log.requests.dropFirst(quiet).count { $0.route == .server } >= 10
            }
            #expect(fake.log.requests.dropFirst(quiet).allSatisfy { !Self.jobRoutes.contains($0.route) })
            fake.reconnect()
            try await expectReady(true, stack)
        }
    }

    private static let jobRoutes: Set<FakeRoute?> = [.enqueueBatch, .startSearch]

    /// Searches and orders since the last four checks of slskd; not 0 before there are four checks.
    private static func recentJobRequests(_ log: FakeRequestLog) -> Int {
        let checks = log.requests.indices.filter { log.requests[$0].route == .server }
        guard let first = checks.suffix(4).first, checks.count >= 4 else { return 1 }
        return log.requests[first...].count { jobRoutes.contains($0.route) }
    }

    @Test func `Jobs survive errors of slskd, and responses that arrive after the timeout`() async throws {
        try await run(["PROVIDER_SLSKD_TIMEOUT_MS": "1000"]) { fake, stack in
            fake.inject(.responds(status: 500))
            try await expectReady(false, stack)
            fake.clearFaults()
            try await expectReady(true, stack)
            fake.inject(.losesResponse, on: [.enqueueBatch, .cancelTransfer], times: 6)
            fake.inject(.respondsLate(.seconds(3)), on: [.listTransfers, .server, .search, .startSearch])
            try await expectReady(false, stack)
            fake.clearFaults()
            try await expectReady(true, stack)
        }
    }

    @Test func `After a stall the next candidate is ordered within a few polls`() async throws {
        let fixture = SlskdFixtureRun(count: 1, settings: ["HDM_TRANSFER_STALL_S": "3"])
        try await fixture.run(peers: Self.stallingFirst) { fake, stack, collection in
            let submission = try await stack.submit(collection.submission)
            try await eventually("the transfer stalls") { fake.transfers.first?.bytesTransferred == 4096 }
            let stalled = fake.log.requests.count
            try await eventually("the next candidate is ordered") { fake.log.enqueued.count == 2 }
            let later = fake.log.requests.dropFirst(stalled)
            let order = try #require(later.firstIndex { $0.route == .enqueueBatch })
            // There is one poll a second. Polls are counted instead of seconds, because a loaded machine is slower.
            let polls = later[..<order].count { $0.route == .listTransfers }
            #expect((2...8).contains(polls), "\(polls) polls")
            #expect(fake.transfers.first?.state.isCompleted == true)
            #expect(try await stack.waitForEnd(of: submission) == ["completed"])
            #expect(try stack.logLines(of: .downloadStalled).count == 1)
        }
    }

    private static func stallingFirst(_ files: [SlskdSharedFile]) -> [SlskdPeer] {
        var stalling = SlskdPeer("slow_line", files: files, behaviour: .stalls(afterBytes: 4096))
        stalling.speed = 5_000_000
        return [stalling, SlskdPeer("quiet_listener", files: files)]
    }

    /// Runs a dozen jobs and an event that affects slskd during their transfers.
    private func run(
        _ settings: [String: String] = [:], isVolatile: Bool = false,
        _ happens: @Sendable (FakeSlskd, ServiceStack) async throws -> Void,
        atEnd: @Sendable (FakeSlskd) -> Void = { _ in }
    ) async throws {
        let patience = ["HDM_TRANSFER_STALL_S": "15", "HDM_TRANSFER_START_S": "30", "HDM_TRANSFER_QUEUE_S": "60"]
        let fixture = SlskdFixtureRun(
            count: Self.count, settings: settings.merging(patience) { own, _ in own },
            adjust: { $0.isVolatile = isVolatile })
        try await fixture.run(peers: Self.slowly) { fake, stack, collection in
            let submission = try await stack.submit(collection.submission)
            try await eventually("transfers run") { fake.running >= 4 }
            try await happens(fake, stack)
            let states = try await stack.waitForEnd(of: submission, timeout: .seconds(240))
            #expect(states == Array(repeating: "completed", count: Self.count))
            try collection.expectContents(of: Library(root: stack.music))
            #expect(try stack.logLines(of: .retryScheduled) == [])
            #expect(try stack.logLines(of: .downloadCandidateFailed) == [])
            #expect(fake.openSearches.isEmpty)
            atEnd(fake)
        }
    }

    /// Waits until the services that use slskd are ready, or are not ready.
    private func expectReady(_ isReady: Bool, _ stack: ServiceStack) async throws {
        for service in [ServiceName.match, .download] {
            try await eventually("\(service) is \(isReady ? "" : "not ") ready") {
                try await stack.status(of: "/ready", at: service) == (isReady ? 200 : 503)
            }
        }
    }

    /// Each file takes about eight seconds.
    private static func slowly(_ files: [SlskdSharedFile]) -> [SlskdPeer] {
        SlskdPeer.samples(sharing: files).map { peer in
            var peer = peer
            (peer.speed, peer.uploadSlots) = (2000, 100)
            return peer
        }
    }
}
