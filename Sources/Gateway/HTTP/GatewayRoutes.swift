import Contracts
import HTTPClient
import Hummingbird
import Logging
import ServiceKit

/// The route table of the gateway.
struct GatewayRoutes: Sendable {
    let store: JobStore
    let intake: Intake
    let reviews: ReviewCommands
    let jobs: JobCommands
    let settings: GatewaySettings
    let client: HTTPClient
    let readiness: Readiness
    let logger: Logger
    /// Raised when something that is watched may be due.
    var watching = WakeSignal()
    /// Raised when a backfill may go on.
    var backfilling = WakeSignal()

    /// A router with every route but those that all services have.
    var router: Router<BasicRequestContext> {
        let router = Router()
        router.add(middleware: ErrorEnvelopeMiddleware(logger: logger))
        router.addRoutes(HealthController(readiness: readiness).endpoints, atPath: "/api/health")
        let downloads = DownloadsController(store: store, intake: intake, limits: settings.limits, logger: logger)
        let reviews = ReviewsController(store: store, commands: reviews, maxBodyBytes: settings.limits.maxBodyBytes)
        let imports = ImportsController(intake: intake, limits: settings.imports, logger: logger)
        let watchlist = WatchlistController(
            store: store, defaults: settings.watch, maxBodyBytes: settings.limits.maxBodyBytes, wake: watching)
        let backfill = BackfillController(
            store: store, standardItems: settings.backfillItems, maxBodyBytes: settings.limits.maxBodyBytes,
            wake: backfilling)
        router.group("/api/v1")
            .add(middleware: APIKeyMiddleware(keys: settings.apiKeys))
            .addRoutes(downloads.endpoints, atPath: "/downloads")
            .addRoutes(JobOrdersController(commands: jobs).endpoints, atPath: "/downloads")
            .addRoutes(BatchesController(store: store).endpoints, atPath: "/batches")
            .addRoutes(ExpansionsController(store: store).endpoints, atPath: "/expansions")
            .addRoutes(imports.endpoints, atPath: "/imports")
            .addRoutes(watchlist.endpoints, atPath: "/watchlist")
            .addRoutes(backfill.endpoints, atPath: "/spotify/backfill")
            .addRoutes(MatchesController(store: store).endpoints, atPath: "/matches")
            .addRoutes(reviews.endpoints, atPath: "/reviews")
            .addRoutes(proxy(.recovery, settings.recoveryURL).deadLetters, atPath: "/dlq")
            .addRoutes(proxy(.download, settings.downloadURL).peers, atPath: "/peers")
        return router
    }

    private func proxy(_ service: ServiceName, _ url: String) -> ServiceProxy {
        ServiceProxy(client: client, service: service, url: url, maxBodyBytes: settings.limits.maxBodyBytes)
    }
}
