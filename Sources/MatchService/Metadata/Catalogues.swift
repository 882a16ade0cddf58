import CatalogueAccess
import Metadata
import ServiceKit

/// The catalogues that the settings name.
struct Catalogues: Sendable {
    let all: [AskedCatalogue]
    /// Closes them.
    let configured: ConfiguredCatalogues

    /// - Throws: `SettingsError`.
    init(_ runtime: ServiceRuntime, tokens: any SpotifyTokens) throws {
        configured = try ConfiguredCatalogues(runtime, tokens: tokens)
        all = configured.all.map { AskedCatalogue(catalogue: $0) }
        addCheck(to: runtime)
    }

    /// Says in which mode HDM works. It never fails: jobs that can do without Spotify go on.
    private func addCheck(to runtime: ServiceRuntime) {
        let spotify = all.first { $0.name == "spotify" }
        runtime.readiness.add("spotify") {
            switch spotify?.standing.current() {
            case .signInNeeded(let reason): .noted("FREE: \(reason)")
            case let obstacle?: .noted("PRO, but not now: \(obstacle)")
            case nil: .ok
            }
        }
    }
}
