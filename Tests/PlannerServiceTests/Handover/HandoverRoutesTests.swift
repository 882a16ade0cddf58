import Contracts
import Hummingbird
import HummingbirdTesting
import Logging
import ServiceKit
import ServiceLifecycle
import TestSupport
import Testing

@testable import PlannerService

@Suite struct HandoverRoutesTests {
    @Test func `Routes refuse requests until the handover is complete`() async throws {
        try await PlannerFixture.run { planner in
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let source = LedgerHandover(ledger: planner.ledger)
            let handover = Handover(planner.store, source, logger: logger, retryInterval: .milliseconds(20))
            source.state.withLock { $0.callsUntilCrash = 3 }
            let router = Router()
            router.add(middleware: ErrorEnvelopeMiddleware(logger: logger))
            router.group("/api/v1").add(middleware: HandoverMiddleware(handover: handover))
                .get("watchlist") { _, _ in JSONResponse(["ok": "yes"]) }
            let group = ServiceGroup(services: [handover], logger: logger)
            try await Application(router: router, logger: logger).test(.router) { client in
                let client = RouteClient(client: client)
                try await withThrowingTaskGroup { tasks in
                    tasks.addTask { try await group.run() }
                    try await eventually("the handover fails") { handover.check() != .ok }
                    let refused = try await client.get("/api/v1/watchlist")
                    #expect(refused.status == 503 && refused.json["error"]?["code"] == "DEPENDENCY_ERROR")
                    source.state.withLock { $0.callsUntilCrash = nil }
                    try await eventually("the handover is complete") { handover.isComplete }
                    #expect(try await client.get("/api/v1/watchlist").status == 200)
                    await group.triggerGracefulShutdown()
                    try await tasks.waitForAll()
                }
            }
        }
    }
}
