import Contracts
import Logging
import Metadata
import ServiceKit

/// The catalogues that the settings name.
struct Catalogues: Sendable {
    private(set) var all: [AskedCatalogue] = []

    /// - Parameter tokens: where Spotify's tokens come from; `nil` where nobody has any.
    /// - Throws: `SettingsError`.
    init(_ runtime: ServiceRuntime, tokens: (any SpotifyTokens)?) throws {
        let raw = runtime.raw
        let contact = raw.text("HDM_CONTACT")
        let userAgent = Product.userAgent(contact: contact)
        let patience = try raw.seconds("HDM_METADATA_PATIENCE_S", default: .seconds(10), in: 0...60)
        let spotify = try SpotifySettings(text: raw.text, integer: raw.integer, problem: SettingsError.init)
        if let spotify {
            let budget = try Self.budget("spotify", patience, runtime)
            let catalogue = SpotifyCatalogue(
                spotify, tokens: tokens ?? MissingTokens(), budget: budget, userAgent: userAgent)
            all.append(AskedCatalogue(catalogue: catalogue))
        }
        let musicBrainz = try MusicBrainzSettings(
            text: raw.text, flag: raw.flag, integer: raw.integer, problem: SettingsError.init)
        if let musicBrainz {
            guard contact != nil else {
                throw SettingsError(
                    "HDM_CONTACT",
                    "is missing: MusicBrainz answers only who says whom to turn to, such as you@example.org")
            }
            let budget = try Self.budget("musicbrainz", patience, runtime)
            let catalogue = MusicBrainzCatalogue(musicBrainz, budget: budget, userAgent: userAgent)
            all.append(AskedCatalogue(catalogue: catalogue))
        }
        addCheck(to: runtime, isConfigured: spotify != nil)
    }

    private static func budget(
        _ provider: String, _ patience: Duration, _ runtime: ServiceRuntime
    ) throws -> any RequestBudget {
        guard let limits = try BudgetLimits(runtime.raw, provider: provider) else { return UnlimitedRequests() }
        return SharedRequests(budget: ProviderBudget(provider, limits, runtime), patience: patience)
    }

    /// Says in which mode HDM works. It never fails: jobs that can do without Spotify go on.
    private func addCheck(to runtime: ServiceRuntime, isConfigured: Bool) {
        let spotify = all.first { $0.name == "spotify" }
        runtime.readiness.add("spotify") {
            guard isConfigured, let spotify else {
                return .noted("FREE: without Spotify; set SPOTIFY_CLIENT_ID to use it")
            }
            guard let obstacle = spotify.standing.current() else { return .noted("PRO: with Spotify") }
            return .noted("PRO, but not now: \(obstacle)")
        }
    }
}

/// Stands where nobody gives out tokens.
private struct MissingTokens: SpotifyTokens {
    func token(for access: SpotifyAccess, refused: AccessToken?) async throws -> AccessToken {
        throw CatalogueError.signInNeeded("nobody has signed in to Spotify")
    }
}
