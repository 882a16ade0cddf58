import Accounts
import AudioSources
import ServiceKit
import ServiceLifecycle

/// The sources that the settings select, ready to fetch files.
struct DownloadSources {
    private(set) var byName: [String: any FetchSource] = [:]
    private(set) var services: [any Service] = []

    /// Creates the sources and adds their readiness checks.
    /// - Throws: `SettingsError`; `SourceError` when a source cannot be opened.
    init(_ runtime: ServiceRuntime, registry: SourceRegistry, staging: StagingArea) async throws {
        let environment = SourceEnvironment(
            settings: runtime.raw, stateDir: runtime.settings.stateDir, logger: runtime.logger,
            isFinished: staging.dropIfFinished, secrets: { try await Self.secret($0, runtime) })
        for registration in try registry.selected(by: runtime.raw) {
            let part = try await registration.makeFetch(environment)
            byName[registration.name] = part.source
            services += part.services
            runtime.readiness.add(
                "source.\(registration.name)", deadline: .seconds(10),
                problem: { await part.source.readiness().problem })
        }
    }

    private static func secret(_ name: String, _ runtime: ServiceRuntime) async throws -> SourceSecret {
        guard let name = SecretName(rawValue: name) else {
            throw SettingsError(name, "is not a secret that HDM stores")
        }
        let secret = RemoteSecret(name, channel: try await AccountsChannel(runtime), logger: runtime.logger)
        return SourceSecret(services: [secret]) { secret.value }
    }
}
