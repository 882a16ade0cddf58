import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ServiceKit
import Testing

@testable import PlannerService

/// Runs a test with the routes of a planner.
func withPlannerRoutes(
    _ test: @escaping @Sendable (PlannerFixture, RouteClient) async throws -> Void
) async throws {
    try await PlannerFixture.run { planner in
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let router = Router()
        router.add(middleware: ErrorEnvelopeMiddleware(logger: logger))
        let wake = WakeSignal()
        let watchlist = WatchlistController(
            store: planner.store, defaults: WatchDefaults(), maxBodyBytes: 1 << 20, wake: wake, logger: logger)
        let backfill = BackfillController(store: planner.store, defaultItems: 2000, maxBodyBytes: 1 << 20, wake: wake)
        router.group("/api/v1")
            .addRoutes(watchlist.endpoints, atPath: "/watchlist")
            .addRoutes(backfill.endpoints, atPath: "/spotify/backfill")
            .addRoutes(ExpansionsController(store: planner.store, changed: wake).endpoints, atPath: "/expansions")
        let application = Application(router: router, logger: logger)
        try await application.test(.router) { try await test(planner, RouteClient(client: $0)) }
    }
}

/// Sends requests to routes and reads JSON.
struct RouteClient: Sendable {
    let client: any TestClientProtocol

    struct Reply: Sendable {
        let status: Int
        let json: JSONValue
    }

    func get(_ path: String) async throws -> Reply { try await send("GET", path) }

    func post(_ path: String, _ body: String) async throws -> Reply { try await send("POST", path, body) }

    func send(_ method: String, _ path: String, _ body: String? = nil) async throws -> Reply {
        let response = try await client.executeRequest(
            uri: path, method: try #require(.init(rawValue: method)), headers: [:],
            body: body.map { ByteBuffer(string: $0) })
        let text = String(buffer: response.body)
        return Reply(
            status: response.status.code,
            json: text.isEmpty ? .null : try ContractCoding.decode(JSONValue.self, from: Data(text.utf8)))
    }
}

extension JSONValue {
    /// The first element of a list.
    var first: JSONValue? { if case .array(let elements) = self { elements.first } else { nil } }
}
