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
        let patience = try runtime.raw.seconds("HDM_METADATA_PATIENCE_S", default: .seconds(10), in: 0...60)
        try addSpotify(runtime, tokens, patience)
        try addMusicBrainz(runtime, patience)
        addCheck(to: runtime)
    }

    private mutating func addSpotify(
        _ runtime: ServiceRuntime, _ tokens: (any SpotifyTokens)?, _ patience: Duration
    ) throws {
        let raw = runtime.raw
        let settings = try SpotifySettings(
            isSetElsewhere: tokens != nil, text: raw.text, integer: raw.integer, problem: SettingsError.init)
        guard let settings else { return }
        let catalogue = SpotifyCatalogue(
            settings, tokens: tokens ?? MissingTokens(), budget: try Self.budget("spotify", patience, runtime),
            userAgent: Product.userAgent(contact: raw.text("HDM_CONTACT")))
        all.append(AskedCatalogue(catalogue: catalogue))
    }

    private mutating func addMusicBrainz(_ runtime: ServiceRuntime, _ patience: Duration) throws {
        let raw = runtime.raw
        let settings = try MusicBrainzSettings(
            text: raw.text, flag: raw.flag, integer: raw.integer, problem: SettingsError.init)
        guard let settings else { return }
        guard let contact = raw.text("HDM_CONTACT") else {
            throw SettingsError(
                "HDM_CONTACT",
                "is missing: MusicBrainz answers only who says whom to turn to, such as you@example.org")
        }
        let catalogue = MusicBrainzCatalogue(
            settings, budget: try Self.budget("musicbrainz", patience, runtime),
            userAgent: Product.userAgent(contact: contact))
        all.append(AskedCatalogue(catalogue: catalogue))
    }

    private static func budget(
        _ provider: String, _ patience: Duration, _ runtime: ServiceRuntime
    ) throws -> any RequestBudget {
        guard let limits = try BudgetLimits(runtime.raw, provider: provider) else { return UnlimitedRequests() }
        return SharedRequests(budget: ProviderBudget(provider, limits, runtime), patience: patience)
    }

    /// Says in which mode HDM works. It never fails: jobs that can do without Spotify go on.
    private func addCheck(to runtime: ServiceRuntime) {
        let spotify = all.first { $0.name == "spotify" }
        runtime.readiness.add("spotify") {
            guard let spotify else {
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
