import Accounts
import AudioSources
import ServiceKit
import ServiceLifecycle

/// The sources that the settings select, ready to be searched.
struct MatchSources {
    private(set) var searched: [SearchedSource] = []
    private(set) var services: [any Service] = []
    /// Names of the sources with the user's own files.
    private(set) var ownCollections: Set<String> = []

    /// Creates the sources and adds their readiness checks.
    /// - Parameter accounts: Returns the secrets that are not among the settings.
    /// - Throws: `SettingsError`; `SourceError` when an index cannot be opened.
    init(_ runtime: ServiceRuntime, registry: SourceRegistry, accounts: AccountsChannel) async throws {
        let environment = SourceEnvironment(
            settings: runtime.raw, stateDir: runtime.settings.stateDir, logger: runtime.logger,
            secrets: { try Self.secret($0, accounts, runtime) })
        for registration in try registry.selected(by: runtime.raw) {
            let part = try await registration.makeSearch(environment)
            let limits = try BudgetLimits(runtime.raw, provider: registration.name, default: registration.limits)
            let budget = limits.map { ProviderBudget(registration.name, $0, runtime) }
            searched.append(SearchedSource(source: part.source, budget: budget))
            services += part.services
            if registration.isOwnCollection { ownCollections.insert(registration.name) }
            runtime.readiness.add(
                "source.\(registration.name)", deadline: .seconds(10),
                problem: { await part.source.readiness().problem })
        }
    }

    private static func secret(
        _ name: String, _ accounts: AccountsChannel, _ runtime: ServiceRuntime
    ) throws(SettingsError) -> SourceSecret {
        guard let name = SecretName(rawValue: name) else {
            throw SettingsError(name, "is not a secret that HDM stores")
        }
        let secret = RemoteSecret(name, channel: accounts, logger: runtime.logger)
        return SourceSecret(services: [secret]) { secret.value }
    }
}
