import Contracts
import Files
import Foundation
import JobLedger
import Logging
public import ServiceKit
public import ServiceLifecycle

/// The gateway service: admits submissions over HTTP and AMQP, and shows the state of jobs.
public enum Gateway {
    /// Creates the parts of the service in the order of their dependencies: at the shutdown the HTTP server stops first,
    /// and the database closes last.
    /// - Throws: `SettingsError`; an error of the database.
    public static func build(_ runtime: ServiceRuntime) async throws -> [any Service] {
        let settings = try GatewaySettings(runtime.raw, runtime.settings)
        let key = try await ServiceKey.load(runtime)
        let store = try await BlockingPool.databases.run { try JobStore.open(settings.location) }
        let wake = WakeSignal()
        let intake = Intake(store, limits: settings.limits, outbox: wake, worker: runtime.instance)
        let proxies = ServiceProxies({ settings.urls[$0] }, key: key, maxBodyBytes: settings.limits.maxBodyBytes)
        let staging = StagingArea(downloads: runtime.settings.downloadsDir)
        let cancelled = CancelledJobs(staging)
        let claims = GenerationClaims(staging)
        addChecks(to: runtime, store, settings.location)
        let routes = GatewayRoutes(
            store: store, intake: intake,
            reviews: ReviewCommands(
                store: store, claims: claims, outbox: wake, worker: runtime.instance, logger: runtime.logger),
            jobs: JobCommands(
                store: store, cancelled: cancelled, claims: claims, outbox: wake, worker: runtime.instance,
                logger: runtime.logger),
            pauses: PauseMarkers(downloads: runtime.settings.downloadsDir),
            settings: settings, key: key, proxies: proxies, readiness: runtime.readiness, logger: runtime.logger)
        let router = ServiceHTTP.router(runtime)
        routes.add(to: router)
        let publisher = OutboxPublisher(
            connection: runtime.publishing, messages: runtime.publisher.messages, cancelled: cancelled)
        let enqueued = EnqueuedJobs(
            connection: runtime.publishing, topology: runtime.consuming, queueType: runtime.settings.queueType,
            logger: runtime.logger)
        let keys = ReplayKeys(limits: settings.limits, plannerUser: settings.plannerUser)
        return [
            GatewayResources(store: store, proxies: proxies, logger: runtime.logger), DraftCleanup(runtime),
            OutboxRelay(
                store: store, connection: runtime.publishing, publisher: publisher, enqueued: enqueued, wake: wake,
                pauses: runtime.pauses, logger: runtime.logger),
            EventProjection(store: store, runtime: runtime),
            ProgressConsumer(store: store, runtime: runtime),
            ReviewConsumer(store: store, runtime: runtime),
            IntakeConsumer(intake: intake, keys: keys, runtime: runtime),
            ServiceHTTP(runtime, router: router),
        ]
    }

    private static func addChecks(to runtime: ServiceRuntime, _ store: JobStore, _ location: JobStoreLocation) {
        switch location {
        case .memory:
            runtime.readiness.add("database") { .ok }
        case .file(let path):
            let file = DatabaseFileCheck(URL(filePath: path))
            runtime.readiness.add("database") { await file.run(store.probe) }
        }
        runtime.readiness.add(
            "downloads", VolumeCheck(runtime.settings.downloadsDir, every: runtime.settings.volumeProbe))
    }
}

/// Closes the database and the connections to other services after the other parts have stopped.
struct GatewayResources: Service {
    let store: JobStore
    let proxies: ServiceProxies
    let logger: Logger

    func run() async throws {
        try? await gracefulShutdown()
        await proxies.close()
        do {
            try await BlockingPool.databases.run(within: .seconds(10)) { try store.close() }
        } catch {
            logger.log(
                event: .workerFailed, level: .warning, "the database could not be closed",
                metadata: [LogKey.error: .string("\(error)")])
        }
    }
}
