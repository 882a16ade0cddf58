import Contracts
import Foundation
import Fakes
import TestSupport
import Testing

/// slskd and the network go away and come back: no job is lost, no attempt is spent, no peer is blamed.
@Suite(.serialized, .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct SlskdOutageTests {
    private static let count = 12

    @Test(arguments: [false, true])
    func `jobs outlast a restart of slskd, whether it remembers its transfers or not`(isVolatile: Bool) async throws {
        try await run(isVolatile: isVolatile) { fake, stack in
            // An order whose answer is cut off has to be repeated: here there is none.
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

    @Test func `jobs outlast minutes without the network, and nothing is consumed meanwhile`() async throws {
        try await run { fake, stack in
            // Two minutes of slskd's time.
            let lost = ContinuousClock.now
            fake.loseNetwork(for: .seconds(12))
            try await expectReady(false, stack)
            try await expectReady(true, stack)
            // What was in hand has been put aside after a moment.
            let away = lost + .seconds(5)..<lost + .seconds(12)
            #expect(fake.log.requests(to: .enqueueBatch).allSatisfy { !away.contains($0.startedAt) })
            #expect(fake.log.requests(to: .startSearch).allSatisfy { !away.contains($0.startedAt) })
        }
    }

    @Test func `jobs outlast a while of errors, and one of answers that come when nobody waits for them`() async throws
    {
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

    @Test func `a stall makes way for the next candidate within five seconds`() async throws {
        let fixture = SlskdFixtureRun(count: 1, settings: ["HDM_TRANSFER_STALL_S": "3"])
        try await fixture.run(peers: Self.stallingFirst) { fake, stack, collection in
            let answer = try await stack.submit(collection.submission)
            try await eventually("the bytes stand still") { fake.transfers.first?.bytesTransferred == 4096 }
            let stoodStill = ContinuousClock.now
            try await eventually("the next one is ordered") { fake.log.enqueued.count == 2 }
            let gap = stoodStill.duration(to: .now) - .seconds(3)
            #expect(gap < .seconds(5), "\(gap)")
            #expect(gap > .seconds(-1), "\(gap)")
            #expect(fake.transfers.first?.state.isCompleted == true)
            #expect(try await stack.waitForEnd(of: answer) == ["completed"])
            #expect(try stack.logLines(of: .downloadStalled).count == 1)
        }
    }

    private static func stallingFirst(_ files: [SlskdSharedFile]) -> [SlskdPeer] {
        var stalling = SlskdPeer("slow_line", files: files, behaviour: .stalls(afterBytes: 4096))
        stalling.speed = 5_000_000
        return [stalling, SlskdPeer("quiet_listener", files: files)]
    }

    /// Runs a dozen jobs through something that happens to slskd while their transfers run.
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
            let answer = try await stack.submit(collection.submission)
            try await eventually("transfers run") { fake.running >= 4 }
            try await happens(fake, stack)
            let states = try await stack.waitForEnd(of: answer, timeout: .seconds(240))
            #expect(states == Array(repeating: "completed", count: Self.count))
            try collection.expectContents(of: Library(root: stack.music))
            #expect(try stack.logLines(of: .retryScheduled).isEmpty)
            #expect(try stack.logLines(of: .downloadCandidateFailed).isEmpty)
            #expect(fake.openSearches.isEmpty)
            atEnd(fake)
        }
    }

    /// Waits until the services before slskd take jobs, or take none.
    private func expectReady(_ isReady: Bool, _ stack: ServiceStack) async throws {
        for service in [ServiceName.match, .download] {
            try await eventually("\(service) is \(isReady ? "" : "not ") ready") {
                try await stack.status(of: "/ready", at: service) == (isReady ? 200 : 503)
            }
        }
    }

    /// Each file takes some eight seconds.
    private static func slowly(_ files: [SlskdSharedFile]) -> [SlskdPeer] {
        SlskdPeer.crowd(sharing: files).map { peer in
            var peer = peer
            (peer.speed, peer.uploadSlots) = (2000, 100)
            return peer
        }
    }
}
