import Foundation
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
        let router = try await ServiceHTTP.keyedRouter(runtime)
        let controller = DeadLetterController(operations: operations, settings: settings)
        router.addRoutes(controller.endpoints, atPath: "/api/v1/dlq")
        return [
            IndexService(index: index, runtime: runtime), DepthService(operations: operations),
            ReconcileService(operations: operations, settings: settings, readiness: runtime.readiness),
            ServiceHTTP(runtime, router: router),
        ]
    }
}
