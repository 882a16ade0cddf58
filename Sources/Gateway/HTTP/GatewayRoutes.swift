import Contracts
import Hummingbird
import JobLedger
import Logging
import ServiceKit

/// The route table of the gateway.
struct GatewayRoutes: Sendable {
    let store: JobStore
    let intake: Intake
    let reviews: ReviewCommands
    let jobs: JobCommands
    let pauses: PauseMarkers
    let settings: GatewaySettings
    let key: ServiceKey
    let proxies: ServiceProxies
    let readiness: Readiness
    let logger: Logger

    /// Adds every route to a router, except those that all services have.
    func add(to router: Router<BasicRequestContext>) {
        router.addRoutes(HealthController(readiness: readiness).endpoints, atPath: "/api/health")
        let keyed = APIKeyMiddleware(keys: settings.apiKeys)
        let api = router.group("/api/v1").add(middleware: keyed)
        addControllers(to: api)
        proxies.add(to: api)
        proxies.addStatus(to: router.group("/spotify").add(middleware: keyed))
        proxies.addCallbacks([GatewaySettings.standardCallbackPath, settings.callbackPath], to: router)
        let services = router.group("/api/v1/internal").add(middleware: ServiceKeyMiddleware(key))
        services.addRoutes(InternalController(store: store, worker: jobs.worker).endpoints)
        // Processes of the previous version have no service key. The signature of these requests proves their sender.
        proxies.addSealed(to: router.group("/api/v1/internal"))
    }

    private func addControllers(to api: RouterGroup<BasicRequestContext>) {
        let keys = ReplayKeys(limits: settings.limits, plannerUser: settings.plannerUser)
        let downloads = DownloadsController(
            store: store, intake: intake, keys: keys, limits: settings.limits, logger: logger)
        let reviews = ReviewsController(store: store, commands: reviews, maxBodyBytes: settings.limits.maxBodyBytes)
        let imports = ImportsController(intake: intake, limits: settings.imports, logger: logger)
        api.addRoutes(downloads.endpoints, atPath: "/downloads")
            .addRoutes(JobCommandsController(commands: jobs).endpoints, atPath: "/downloads")
            .addRoutes(BatchesController(store: store).endpoints, atPath: "/batches")
            .addRoutes(imports.endpoints, atPath: "/imports")
            .addRoutes(MatchesController(store: store).endpoints, atPath: "/matches")
            .addRoutes(reviews.endpoints, atPath: "/reviews")
            .addRoutes(ControlController(pauses: pauses, logger: logger).endpoints, atPath: "/control")
    }
}
