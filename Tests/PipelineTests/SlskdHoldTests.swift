import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// Transfers that take longer than a delivery may be held.
@Suite(.serialized, .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct SlskdHoldTests {
    @Test func `Ten transfers outlast the hold limit: each is ordered once, uses no attempt and ends once`()
        async throws
    {
        let count = 10
        let settings = ["HDM_BROKER_ACK_LIMIT_S": "5", "HDM_TRANSFER_STALL_S": "15"]
        try await SlskdFixtureRun(count: count, settings: settings).run(peers: Self.slowly) { fake, stack, collection in
            let response = try await stack.submit(collection.submission)
            let states = try await stack.waitForEnd(of: response, timeout: .seconds(240))
            #expect(states == Array(repeating: "completed", count: count))
            #expect(fake.log.enqueued.count == count)
            #expect(fake.transfers.count == count && fake.transfers.allSatisfy { $0.attempts == 1 })
            #expect(try stack.logLines(of: .retryScheduled).isEmpty)
            #expect(try stack.logLines(of: .downloadCandidateFailed).isEmpty)
            // Each transfer was handed back and adopted at least once.
            let adopted = try stack.logLines(of: .downloadEnqueued).filter {
                $0["adopted"] == true || $0["adopted"] == "true"
            }
            #expect(Set(adopted.compactMap { $0["job_id"]?.stringValue }).count == count, "\(adopted.count)")
            #expect(try stack.logLines(of: .downloadCompleted).count == count)
            for item in response.items {
                let job = try await stack.job(item.jobID)
                #expect((job["data"] ?? job)["attempt"] == 1)
            }
            try collection.expectContents(of: Library(root: stack.music))
        }
    }

    /// Each file takes about sixteen seconds.
    private static func slowly(_ files: [SlskdSharedFile]) -> [SlskdPeer] {
        SlskdPeer.samples(sharing: files).map { peer in
            var peer = peer
            (peer.speed, peer.uploadSlots) = (1000, 100)
            return peer
        }
    }
}
