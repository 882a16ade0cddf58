import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

/// The outbox during `hdm topology upgrade`.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct OutboxPauseTests {
    private static let submission =
        #"{"items":[{"link":"https://open.spotify.com/playlist/37i9dQZF1DXcBWIGoYBM5M"},{"artist":"A","title":"T"}]}"#

    @Test func `A link and a job that were accepted during an upgrade of the queues are published after it`()
        async throws
    {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let markers = PauseMarkers(downloads: folder.url)
                try markers.pause(.all, for: PauseMarkers.upgrade, by: "hdm topology upgrade")
                let store = try JobStore.open(.file(folder.path(".harmony/idempotency.db")))
                let intake = Intake(store, limits: AdmissionLimits(), outbox: WakeSignal(), worker: "another")
                _ = try await intake.submit(Data(Self.submission.utf8))
                let depth = try await store.outboxDepth()
                try store.close()
                try await GatewayProcess.run(on: vhost, in: folder) { process in
                    try await eventually("the gateway is ready") { process.runtime.readiness.isReady }
                    // The relay looks every two seconds, and at the start.
                    try await Task.sleep(for: OutboxRelay.poll + .milliseconds(500))
                    #expect(try await process.store.outboxDepth() == depth)
                    #expect(try markers.resume(.all, for: PauseMarkers.upgrade))
                    await process.runtime.pauses.refresh()
                    try await eventually("the outbox is empty") { try await process.store.outboxDepth() == 0 }
                    #expect(try await vhost.peek(QueueName.planner).count == 1)
                    #expect(try await vhost.peek(QueueName.work(.match)).count == 1)
                }
            }
        }
    }
}
