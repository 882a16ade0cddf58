import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ServiceKit
import TestSupport
import Testing

@testable import Gateway
@testable import JobLedger

/// Runs a test against the gateway's routes, without a socket.
func withGatewayRoutes(
    _ environment: [String: String] = [:],
    _ test: @escaping @Sendable (GatewayFixture, RouteClient) async throws -> Void
) async throws {
    var environment = environment
    environment["HARMONY_LOG_LEVEL"] = "critical"
    let raw = Settings(environment: environment)
    let settings = try GatewaySettings(raw, ServiceSettings(raw, for: .gateway))
    try await GatewayFixture.run(limits: settings.limits) { gateway in
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let key = try testServiceKey()
        let proxies = ServiceProxies(
            { settings.urls[$0] }, key: key, maxBodyBytes: settings.limits.maxBodyBytes)
        let routes = GatewayRoutes(
            store: gateway.store, intake: gateway.intake, reviews: gateway.commands, jobs: gateway.jobCommands,
            pauses: gateway.pauses,
            settings: settings, key: key, proxies: proxies, readiness: Readiness(service: .gateway, logger: logger),
            logger: logger)
        let router = Router()
        router.add(middleware: ErrorEnvelopeMiddleware(logger: logger))
        router.add(middleware: OriginMiddleware())
        routes.add(to: router)
        let application = Application(router: router, logger: logger)
        try await application.test(.router) { try await test(gateway, RouteClient(client: $0)) }
        await proxies.close()
    }
}

/// Runs a test with a server on a free port of this machine.
func withServer(
    _ router: Router<BasicRequestContext>, _ test: @escaping @Sendable (Int) async throws -> Void
) async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let application = Application(
        router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)), logger: logger)
    try await application.test(.live) { client in try await test(try #require(client.port)) }
}

/// Sends requests to routes. The JSON of a response with another body is `null`.
struct RouteClient: Sendable {
    let client: any TestClientProtocol

    struct RouteResponse: Sendable {
        let status: Int
        let headers: [String: String]
        let text: String
        let json: JSONValue
    }

    func get(_ path: String, _ headers: [String: String] = [:]) async throws -> RouteResponse {
        try await send("GET", path, headers)
    }

    func post(_ path: String, _ body: String, _ headers: [String: String] = [:]) async throws -> RouteResponse {
        try await send("POST", path, headers, body)
    }

    func send(
        _ method: String, _ path: String, _ headers: [String: String] = [:], _ body: String? = nil
    ) async throws -> RouteResponse {
        var fields = HTTPFields()
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        let response = try await client.executeRequest(
            uri: path, method: try #require(.init(rawValue: method)), headers: fields,
            body: body.map { ByteBuffer(string: $0) })
        let text = String(buffer: response.body)
        return RouteResponse(
            status: response.status.code,
            headers: Dictionary(response.headers.map { ($0.name.rawName, $0.value) }) { $1 }, text: text,
            json: (try? ContractCoding.decode(JSONValue.self, from: Data(text.utf8))) ?? .null)
    }
}

extension JSONValue {
    /// The first element of a list.
    var first: JSONValue? { if case .array(let elements) = self { elements.first } else { nil } }
}
