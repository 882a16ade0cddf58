import Contracts
import HTTPTypes
public import Hummingbird
import Logging
import NIOCore
public import ServiceLifecycle

/// The routes that every service has: `GET /live`, `GET /ready`, `GET /metrics`.
public struct ServiceRoutes: Sendable {
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

/// The HTTP server of a service, on the host and port of its settings.
public struct ServiceHTTP: Service {
    private let application: any ApplicationProtocol

    /// A server for a router, or for an empty one; the routes of every service are added to it.
    public init(_ runtime: ServiceRuntime, router: Router<BasicRequestContext>? = nil) {
        let router = router ?? Self.router(runtime)
        ServiceRoutes(runtime.readiness).add(to: router)
        application = Application(
            router: router,
            configuration: .init(
                address: .hostname(runtime.settings.httpHost, port: runtime.settings.httpPort),
                serverName: "hdm-\(runtime.name.rawValue)"),
            logger: Self.quiet(runtime.logger))
    }

    /// A router whose errors all have the API's envelope.
    public static func router(_ runtime: ServiceRuntime) -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: ErrorEnvelopeMiddleware(logger: runtime.logger))
        return router
    }

    public func run() async throws { try await application.run() }

    /// The server's own lines are of interest when something is wrong.
    private static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
