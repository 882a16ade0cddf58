import AMQP
import Contracts
import Foundation
public import ServiceKit
public import ServiceLifecycle

/// The recovery service: an index of the dead letters, and the operator's hands for them.
public enum Recovery {
    /// Makes the service's parts, in the order in which they depend on each other.
    /// - Throws: `SettingsError` for a setting that cannot be used; a database error when the index cannot be opened.
    public static func build(_ runtime: ServiceRuntime) async throws -> [any Service] {
        let settings = try RecoverySettings(runtime.raw)
        let file = runtime.settings.stateDir.appending(path: "recovery.db", directoryHint: .notDirectory)
        let index = try await DeadLetterIndex.open(at: file)
        let operations = DeadLetterOperations(runtime, index: index, surveyLimit: settings.surveyLimit)
        let fileCheck = DatabaseFileCheck(file)
        runtime.readiness.add("database") { await fileCheck.run(index.probe) }
        let router = ServiceHTTP.router(runtime)
        DeadLetterRoutes(operations: operations, settings: settings).add(to: router)
        return [
            IndexService(index: index, runtime: runtime), DepthService(operations: operations),
            SurveyService(operations: operations, settings: settings, readiness: runtime.readiness),
            ServiceHTTP(runtime, router: router),
        ]
    }
}
