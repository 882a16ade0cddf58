import Contracts
import Foundation
import GRDB
import HTTPClient
import Hummingbird
import HummingbirdTesting
import Logging
import Testing

@testable import Gateway
@testable import JobLedger
@testable import PlannerService
@testable import ServiceKit

/// The handover over HTTP, with the gateway's real routes.
@Suite struct HandoverClientTests {
    @Test func `Cursors that are larger than the limit of other responses are copied`() async throws {
        let snapshot = String(repeating: "s", count: 10 << 20)
        try await PlannerFixture.runWithOldLedger({ db in
            var cursor = ExpansionCursor()
            cursor.snapshot = snapshot
            try db.execute(sql: "UPDATE expansions SET cursor = ?", arguments: [try ContractCoding.encode(cursor)])
        }) { planner, _ in
            try await Self.withClient(of: planner.ledger) { client in
                let logger = planner.context(nil).logger
                try await Handover(planner.store, client, logger: logger).copyAll()
            }
            let cursors = try await planner.store.writer.read { db in
                try Data.fetchAll(db, sql: "SELECT cursor FROM expansions")
            }
            #expect(cursors.count == 3)
            for cursor in cursors {
                let decoded = try ContractCoding.decode(ExpansionCursor.self, from: cursor)
                #expect(decoded.snapshot == snapshot)
            }
        }
    }

    @Test func `The handover routes refuse another service key`() async throws {
        try await PlannerFixture.runWithOldLedger { planner, _ in
            try await Self.withClient(of: planner.ledger, key: "another-key-for-tests-012") { client in
                await #expect(throws: ServiceRequestError.self) { try await client.complete() }
            }
            #expect(try await planner.ledger.handoverRows(of: .watchlist, after: 0, limit: 5).rows.count == 2)
        }
    }

    private static let key = "a-key-for-tests-0123456789"

    private static func withClient(
        of ledger: JobStore, key: String = key, _ test: @escaping @Sendable (HandoverClient) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let router = Router()
        router.add(middleware: ErrorEnvelopeMiddleware(logger: logger))
        router.group("/api/v1/internal").add(middleware: ServiceKeyMiddleware(try ServiceKey(Self.key, from: "test")))
            .addRoutes(InternalController(store: ledger).endpoints)
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: logger)
        let client = HTTPClient(userAgent: "test")
        let result = await Result {
            try await application.test(.live) { server in
                let url = "http://127.0.0.1:\(try #require(server.port))"
                let key = try ServiceKey(key, from: "test")
                try await test(
                    HandoverClient(
                        requests: ServiceRequests(
                            client: client, service: .gateway, url: url, setting: "HDM_GATEWAY_URL", key: key)))
            }
        }
        await client.close()
        try result.get()
    }
}
