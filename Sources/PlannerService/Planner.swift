import Accounts
import Catalogues
import Contracts
import Files
import Foundation
import HTTPClient
import Hummingbird
import Logging
public import ServiceKit
public import ServiceLifecycle

/// The planner: turns links, watched artists and playlists, and gaps in the library into submissions. It owns everything
/// that takes long or needs a catalogue's account.
public enum Planner {
    /// Creates the parts of the planner, in the order of their dependencies: the last ones stop first.
    /// - Throws: `SettingsError`; an error with the reason why a database cannot be opened.
    public static func build(_ runtime: ServiceRuntime) async throws -> [any Service] {
        let settings = try PlannerSettings(runtime.raw, runtime.settings)
        let accounts = try await AccountsService(runtime)
        let catalogues = try await ConfiguredCatalogues(runtime, tokens: accounts.tokens)
        let parts = try await PlannerParts(runtime, settings, PlannerCatalogues(catalogues))
        let router = try await ServiceHTTP.keyedRouter(runtime, openPaths: accounts.openPaths)
        accounts.addRoutes(to: router)
        parts.addRoutes(to: router, settings)
        return [accounts, catalogues] + parts.services(settings, tokens: accounts.tokens)
            + [ServiceHTTP(runtime, router: router)]
    }
}

/// The parts of the planner that share its database.
struct PlannerParts: Sendable {
    private let runtime: ServiceRuntime
    private let store: PlannerStore
    private let client: HTTPClient
    private let handover: Handover
    private let library: LibraryClient
    private let unmatchedJobs: UnmatchedJobsClient
    private let context: TaskContext
    private let replies = ReplyRouter()
    private let links = WakeSignal()
    private let changes = WakeSignal()
    private let watches = WakeSignal()
    private let backfills = WakeSignal()

    init(_ runtime: ServiceRuntime, _ settings: PlannerSettings, _ catalogues: PlannerCatalogues) async throws {
        self.runtime = runtime
        let path = settings.database.path
        let store = try await BlockingPool.databases.run {
            try DiskFolder(settings.database.deletingLastPathComponent().path).make()
            return try PlannerStore.open(path)
        }
        self.store = store
        let file = DatabaseFileCheck(settings.database)
        runtime.readiness.add("database") { await file.run(store.probe) }
        client = HTTPClient(userAgent: "hdm-planner")
        let key = try await ServiceKey.load(runtime)
        let gateway = ServiceRequests(
            client: client, service: .gateway, url: settings.gatewayURL, setting: "HDM_GATEWAY_URL", key: key)
        let move = ServiceRequests(
            client: client, service: .move, url: settings.moveURL, setting: "HDM_MOVE_URL", key: key)
        library = LibraryClient(requests: move)
        unmatchedJobs = UnmatchedJobsClient(requests: gateway)
        let handover = Handover(store, HandoverClient(requests: gateway), logger: runtime.logger) {
            await runtime.readiness.refresh()
        }
        self.handover = handover
        runtime.readiness.add("handover") { handover.check() }
        context = TaskContext(
            store: store, catalogues: catalogues, submissions: IntakeClient(runtime: runtime, router: replies),
            limits: settings.limits, worker: runtime.instance, logger: runtime.logger)
    }

    func addRoutes(to router: Router<BasicRequestContext>, _ settings: PlannerSettings) {
        let watchlist = WatchlistController(
            store: store, defaults: settings.watch, maxBodyBytes: settings.limits.maxBodyBytes, wake: watches,
            logger: runtime.logger)
        let backfill = BackfillController(
            store: store, defaultItems: settings.backfillItems, maxBodyBytes: settings.limits.maxBodyBytes,
            wake: backfills)
        router.group("/api/v1").add(middleware: HandoverMiddleware(handover: handover))
            .addRoutes(watchlist.endpoints, atPath: "/watchlist")
            .addRoutes(ExpansionsController(store: store, changed: changes).endpoints, atPath: "/expansions")
            .addRoutes(backfill.endpoints, atPath: "/spotify/backfill")
    }

    func services(_ settings: PlannerSettings, tokens: any SpotifyTokens) -> [any Service] {
        let isAllowed: @Sendable () async -> Bool = { [handover] in handover.isComplete }
        let expansion = ExpansionTask(context: context, changed: changes)
        let backfill = BackfillTask(context: context, library: library, unmatchedJobs: unmatchedJobs)
        var services: [any Service] = [
            PlannerResources(store: store, client: client, logger: runtime.logger),
            ReplyQueue(runtime: runtime, router: replies), handover,
            ExpansionEmitter(store, runtime, wake: changes),
            TaskRunner(work: expansion, wake: links, isAllowed: isAllowed),
            TaskRunner(work: backfill, wake: backfills, isAllowed: isAllowed, concurrency: 1),
            SignInBackfill(
                store: store, tokens: tokens, items: settings.backfillItems, wake: backfills, isAllowed: isAllowed,
                logger: runtime.logger),
        ]
        if settings.watchConcurrency > 0 {
            services.append(
                TaskRunner(
                    work: WatchTask(context: context), wake: watches, isAllowed: isAllowed,
                    concurrency: settings.watchConcurrency))
        }
        return services + [LinkConsumer(store: store, runtime: runtime, wake: links)]
    }
}

/// Closes the database and the connections after their users have stopped.
struct PlannerResources: Service {
    let store: PlannerStore
    let client: HTTPClient
    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        await client.close()
        do {
            try await BlockingPool.databases.run(within: .seconds(10)) { try store.close() }
        } catch {
            logger.log(
                event: .workerFailed, level: .warning, "the planner's database could not be closed",
                metadata: [LogKey.error: .string("\(error)")])
        }
    }
}
