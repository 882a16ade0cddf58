import Contracts
import HTTPTypes
public import Hummingbird
import NIOCore

/// The routes that every service has: `GET /live`, `GET /ready`, `GET /metrics`. They need no key.
public struct ServiceRoutes: Sendable {
    /// The paths of the routes.
    static let paths: Set<String> = ["/live", "/ready", "/metrics"]

    private let readiness: Readiness
    private let registry: PrometheusRegistry

    public init(_ readiness: Readiness, registry: PrometheusRegistry = .process) {
        self.readiness = readiness
        self.registry = registry
    }

    /// Adds the routes to a router.
    public func add<Context: RequestContext>(to router: Router<Context>) {
        router.get("live") { _, _ in JSONResponse(["status": "ok"]) }
        router.get("ready") { [readiness] _, _ in
            let report = readiness.report()
            return JSONResponse(report, status: report.ok ? .ok : .serviceUnavailable)
        }
        router.get("metrics") { [registry] _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: registry.render())))
        }
    }
}
