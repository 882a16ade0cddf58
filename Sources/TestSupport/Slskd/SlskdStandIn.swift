import Contracts
import HTTPTypes
public import Hummingbird
import NIOCore

/// A stand-in for slskd: so far what it says of itself, before any search or transfer.
///
/// Routes, statuses and fields are those of slskd's API `v0`: bare 401 without a body for a wrong key, `GET /health`
/// outside of the API and open to all.
public struct SlskdStandIn: Sendable {
    public let version: String
    private let apiKey: String

    public init(apiKey: String, version: String = "0.26.0") {
        self.apiKey = apiKey
        self.version = version
    }

    /// The server, ready to run.
    public func application(host: String, port: Int) -> some ApplicationProtocol {
        Application(
            router: router, configuration: .init(address: .hostname(host, port: port), serverName: "slskd-stand-in"))
    }

    private var router: Router<BasicRequestContext> {
        let router = Router()
        router.get("health") { _, _ in "Healthy" }
        let api = router.group("api/v0").add(middleware: SlskdKeyCheck(apiKey: apiKey))
        api.get("application/version") { [version] _, _ in json(.string(version)) }
        api.get("application") { [version] _, _ in json(Self.application(version)) }
        api.get("server") { _, _ in json(Self.server) }
        return router
    }

    private static let server: JSONValue = [
        "address": "127.0.0.1", "ipEndPoint": "127.0.0.1:2271", "state": "Connected, LoggedIn", "isConnected": true,
        "isConnecting": false, "isLoggedIn": true, "isLoggingIn": false, "isTransitioning": false,
    ]

    private static func application(_ version: String) -> JSONValue {
        [
            "version": ["full": .string(version), "current": .string(version), "isUpdateAvailable": false],
            "pendingReconnect": false, "pendingRestart": false, "server": server,
            "user": ["username": "stand-in"], "rooms": [], "users": [],
        ]
    }
}

/// Lets only requests with the key pass.
private struct SlskdKeyCheck: RouterMiddleware {
    typealias Context = BasicRequestContext

    let apiKey: String

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let name = HTTPField.Name("X-API-Key"), request.headers[name] == apiKey else {
            return Response(status: .unauthorized)
        }
        return try await next(request, context)
    }
}

private func json(_ value: JSONValue) -> Response {
    do {
        let body = try ContractCoding.encode(value)
        return Response(
            status: .ok, headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    } catch {
        return Response(status: .internalServerError)
    }
}
