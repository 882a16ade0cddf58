public import Hummingbird
import Logging
import NIOCore
public import ServiceLifecycle

/// The HTTP server of a service, on the host and port of its settings.
public struct ServiceHTTP: Service {
    /// How long a connection may stay open without a request, in the middle of one, or without reading the response.
    /// Longer than the connections of clients usually stay idle, so that the client closes first.
    public static let idleLimit: Duration = .seconds(75)

    private let application: any ApplicationProtocol

    /// Creates a server for a router, or for an empty one; the routes of every service are added to it.
    /// - Parameter idleLimit: closes the connection of a client that neither sends nor reads for so long.
    public init(
        _ runtime: ServiceRuntime, router: Router<BasicRequestContext>? = nil,
        idleLimit: Duration = ServiceHTTP.idleLimit
    ) {
        let router = router ?? Self.router(runtime)
        ServiceRoutes(runtime.readiness).add(to: router)
        let limit = TimeAmount(idleLimit)
        application = Application(
            router: router,
            server: .http1(
                configuration: .init(additionalChannelHandlers: [StalledWriteHandler(limit: limit)], idleTimeout: limit)
            ),
            configuration: .init(
                address: .hostname(runtime.settings.httpHost, port: runtime.settings.httpPort),
                serverName: "hdm-\(runtime.name.rawValue)"),
            logger: Self.quiet(runtime.logger))
    }

    /// Returns a router that answers errors in the API's envelope and refuses writes from pages of other origins.
    public static func router(_ runtime: ServiceRuntime) -> Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: ErrorEnvelopeMiddleware(logger: runtime.logger))
        router.add(middleware: OriginMiddleware())
        return router
    }

    /// Returns a router like ``router(_:)`` whose routes need the service key, except the routes of every service.
    /// - Parameter openPaths: further paths that need no key, such as a redirect target of a browser.
    /// - Throws: ``SettingsError`` when the key cannot be loaded.
    public static func keyedRouter(
        _ runtime: ServiceRuntime, openPaths: Set<String> = []
    ) async throws -> Router<BasicRequestContext> {
        let router = router(runtime)
        let key = try await ServiceKey.load(runtime)
        router.add(middleware: ServiceKeyMiddleware(key, openPaths: openPaths.union(ServiceRoutes.paths)))
        return router
    }

    public func run() async throws { try await application.run() }

    /// The server's own log lines matter only when something is wrong.
    private static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
