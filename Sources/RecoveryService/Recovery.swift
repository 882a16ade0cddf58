import Foundation
import HTTPClient
public import ServiceKit
public import ServiceLifecycle

/// The recovery service: indexes dead letters, and requeues or purges them.
public enum Recovery {
    /// Builds the service's parts, in the order in which they depend on each other.
    /// - Throws: `SettingsError` for an invalid setting; a database error when the index cannot be opened.
    public static func build(_ runtime: ServiceRuntime) async throws -> [any Service] {
        let settings = try RecoverySettings(runtime.raw)
        let file = runtime.settings.stateDir.appending(path: "recovery.db", directoryHint: .notDirectory)
        let index = try await DeadLetterIndex.open(at: file, logger: runtime.logger)
        let operations = DeadLetterOperations(runtime, index: index, holdLimit: settings.holdLimit)
        let fileCheck = DatabaseFileCheck(file)
        runtime.readiness.add("database") { await fileCheck.run(index.probe) }
        runtime.readiness.add(
            "downloads", VolumeCheck(runtime.settings.downloadsDir, every: runtime.settings.volumeProbe))
        let wake = WakeSignal()
        let sweep = try await sweepServices(runtime, index: index, settings)
        let router = try await ServiceHTTP.keyedRouter(runtime)
        let controller = DeadLetterController(operations: operations, settings: settings)
        router.addRoutes(controller.endpoints, atPath: "/api/v1/dlq")
        return [
            IndexService(index: index, runtime: runtime, wake: wake), DepthService(operations: operations),
            EndingService(
                reporter: EndingReporter(index: index, publisher: runtime.publisher, logger: runtime.logger),
                returner: UnroutedReturner(runtime, index: index, requeue: operations.requeue),
                operations: operations, wake: wake),
            ReconcileService(operations: operations, settings: settings, readiness: runtime.readiness, wake: wake),
            ServiceHTTP(runtime, router: router),
        ] + sweep
    }

    private static func sweepServices(
        _ runtime: ServiceRuntime, index: DeadLetterIndex, _ settings: RecoverySettings
    ) async throws -> [any Service] {
        let heartbeats = Heartbeats(own: runtime.instance)
        let census = Census(runtime, heartbeats: heartbeats)
        let jobs = GatewayJobs(
            client: HTTPClient(userAgent: "hdm-recovery"), url: settings.gatewayURL,
            key: try await ServiceKey.load(runtime))
        let sweep = Sweep(
            runtime, index: index, jobs: jobs, heartbeats: heartbeats, census: census, patience: settings.sweepPatience)
        return [
            HeartbeatService(runtime: runtime, heartbeats: heartbeats),
            SweepService(sweep: sweep, census: census, runtime: runtime, interval: settings.sweepInterval),
        ]
    }
}
