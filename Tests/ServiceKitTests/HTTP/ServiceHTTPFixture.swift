import Foundation
import HTTPClient
import Hummingbird
import Logging
import ServiceKit
import ServiceLifecycle
import TestSupport

/// A service's HTTP server with one route that needs the key (`/api/v1/thing`) and one that is open (`/callback`).
struct ServiceHTTPFixture: Sendable {
    static let key = "the-services-key"

    let port: Int
    private let client: HTTPClient

    /// Runs a test while the server runs.
    /// - Parameter idleLimit: how long a client may be silent.
    static func run(
        idleLimit: Duration = ServiceHTTP.idleLimit, _ test: @Sendable (ServiceHTTPFixture) async throws -> Void
    ) async throws {
        let fixture = ServiceHTTPFixture(port: try FreePorts.reserve(1)[0], client: HTTPClient(userAgent: "test"))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let environment = [
            "HDM_HTTP_PORT": "\(fixture.port)", "HDM_SERVICE_KEY": key, "HDM_AMQP_URL": "amqp://127.0.0.1:1/",
        ]
        let runtime = try ServiceRuntime(.recovery, Settings(environment: environment), logger: logger)
        let router = try await ServiceHTTP.keyedRouter(runtime, openPaths: ["/callback"])
        router.get("callback") { _, _ in "open" }
        router.get("api/v1/thing") { _, _ in "done" }
        router.get("api/v1/large") { _, _ in String(repeating: "x", count: 32 << 20) }
        router.post("api/v1/thing") { _, _ in "done" }
        router.put("api/v1/thing") { _, _ in "done" }
        router.patch("api/v1/thing") { _, _ in "done" }
        router.delete("api/v1/thing") { _, _ in "done" }
        let group = ServiceGroup(services: [ServiceHTTP(runtime, router: router, idleLimit: idleLimit)], logger: logger)
        let running = Task { try await group.run() }
        let result = await Result {
            try await eventually("the server listens") { (try? await fixture.status(.get, "/live")) == 200 }
            try await test(fixture)
        }
        await group.triggerGracefulShutdown()
        try await running.value
        for connection in [runtime.publishing, runtime.consuming] { await connection.close() }
        await fixture.client.close()
        try result.get()
    }

    func send(
        _ method: HTTPMethod, _ path: String, _ headers: [String: String] = [:]
    ) async throws -> HTTPClient.Response {
        var request = HTTPClient.Request(method, "http://127.0.0.1:\(port)\(path)")
        for (name, value) in headers { request.headers[name] = value }
        return try await client.send(request)
    }

    func status(_ method: HTTPMethod, _ path: String, _ headers: [String: String] = [:]) async throws -> Int {
        try await send(method, path, headers).status
    }
}
