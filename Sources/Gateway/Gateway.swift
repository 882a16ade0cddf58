import CatalogueAccess
import Contracts
import Foundation
import HTTPClient
import Logging
import NIOPosix
public import ServiceKit
public import ServiceLifecycle

/// The way into the system: takes submissions over HTTP and AMQP, keeps what became of every job, and tells.
public enum Gateway {
    /// Makes the parts of the gateway, in the order in which they depend on each other: HTTP stops first, the database
    /// closes last.
    /// - Throws: `SettingsError`, and an error that says why the database cannot be opened.
    public static func build(_ runtime: ServiceRuntime) async throws -> [any Service] {
        let settings = try GatewaySettings(runtime.raw, runtime.settings)
        let store = try await NIOThreadPool.singleton.runIfActive { try JobStore.open(settings.place) }
        let secrets = try await SecretParts(runtime)
        let client = HTTPClient(userAgent: "hdm-gateway")
        let wake = WakeSignal()
        let work = CatalogueWork()
        let intake = Intake(
            store, limits: settings.limits, outbox: wake, expander: work.links, worker: runtime.instance)
        addChecks(to: runtime, store, settings.place)
        let reviews = ReviewCommands(store: store, outbox: wake, worker: runtime.instance, logger: runtime.logger)
        let cancelled = CancelledJobs(StagingArea(downloads: runtime.settings.downloadsDir))
        let jobs = JobCommands(
            store: store, cancelled: cancelled, outbox: wake, worker: runtime.instance, logger: runtime.logger)
        let routes = GatewayRoutes(
            store: store, intake: intake, reviews: reviews, jobs: jobs, settings: settings, client: client,
            readiness: runtime.readiness, logger: runtime.logger, watching: work.watching,
            backfilling: work.backfilling)
        let configured = try ConfiguredCatalogues(runtime, tokens: secrets.tokens)
        let library = LibraryClient(client: client, url: settings.moveURL)
        let readers = work.services(
            runtime, settings, store: store, catalogues: Catalogues(configured), library: library,
            outbox: wake)
        let router = routes.router
        secrets.add(to: router, keys: settings.apiKeys)
        return [
            secrets,
            configured,
            GatewayResources(store: store, client: client, logger: runtime.logger),
            OutboxRelay(
                store: store, connection: runtime.publishing, publisher: runtime.publisher, wake: wake,
                cancelled: cancelled, logger: runtime.logger),
        ] + readers + [
            EventProjection(store: store, runtime: runtime),
            ProgressConsumer(store: store, runtime: runtime),
            ReviewConsumer(store: store, runtime: runtime),
            IntakeConsumer(intake: intake, runtime: runtime),
            ServiceHTTP(runtime, router: router),
        ]
    }

    private static func addChecks(to runtime: ServiceRuntime, _ store: JobStore, _ place: JobStorePlace) {
        switch place {
        case .memory:
            runtime.readiness.add("database") { .ok }
        case .file(let path):
            let file = DatabaseFileCheck(URL(filePath: path))
            runtime.readiness.add("database") { await file.run(store.probe) }
        }
        let downloads = VolumeCheck(runtime.settings.downloadsDir)
        runtime.readiness.add("downloads") { await downloads.run() }
    }
}

/// Closes what the other parts used, after they have stopped.
struct GatewayResources: Service {
    let store: JobStore
    let client: HTTPClient
    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        await client.close()
        do {
            try await NIOThreadPool.singleton.runIfActive { try store.close() }
        } catch {
            logger.log(
                event: .workerFailed, level: .warning, "the database could not be closed in order",
                metadata: [LogKey.error: .string("\(error)")])
        }
    }
}
