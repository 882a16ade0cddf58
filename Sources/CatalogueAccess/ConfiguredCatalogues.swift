import Contracts
public import Metadata
public import ServiceKit
public import ServiceLifecycle

/// The catalogues that the settings name, asked within budgets that all processes share; and their end.
public struct ConfiguredCatalogues: Service {
    public let spotify: SpotifyCatalogue
    /// `nil` where it is not switched on.
    public let musicBrainz: MusicBrainzCatalogue?

    /// In the order in which they are asked.
    public var all: [any MusicCatalogue] { [spotify] + (musicBrainz.map { [$0] } ?? []) }

    /// - Parameter tokens: where Spotify's tokens come from; they say so when nobody has set Spotify up, or signed in.
    /// - Throws: `SettingsError`.
    public init(_ runtime: ServiceRuntime, tokens: any SpotifyTokens) throws {
        let patience = try runtime.raw.seconds("HDM_METADATA_PATIENCE_S", default: .seconds(10), in: 0...60)
        spotify = try Self.spotify(runtime, tokens, patience)
        musicBrainz = try Self.musicBrainz(runtime, patience)
    }

    /// Waits for the end of the service, and closes the connections.
    public func run() async throws {
        try? await gracefulShutdown()
        await spotify.close()
        await musicBrainz?.close()
    }

    private static func spotify(
        _ runtime: ServiceRuntime, _ tokens: any SpotifyTokens, _ patience: Duration
    ) throws -> SpotifyCatalogue {
        let raw = runtime.raw
        return SpotifyCatalogue(
            try SpotifySettings(text: raw.text, integer: raw.integer, problem: SettingsError.init), tokens: tokens,
            budget: try budget("spotify", patience, runtime),
            userAgent: Product.userAgent(contact: raw.text("HDM_CONTACT")))
    }

    private static func musicBrainz(_ runtime: ServiceRuntime, _ patience: Duration) throws -> MusicBrainzCatalogue? {
        let raw = runtime.raw
        let settings = try MusicBrainzSettings(
            text: raw.text, flag: raw.flag, integer: raw.integer, problem: SettingsError.init)
        guard let settings else { return nil }
        guard let contact = raw.text("HDM_CONTACT") else {
            throw SettingsError(
                "HDM_CONTACT",
                "is missing: MusicBrainz answers only who says whom to turn to, such as you@example.org")
        }
        return MusicBrainzCatalogue(
            settings, budget: try budget("musicbrainz", patience, runtime),
            userAgent: Product.userAgent(contact: contact))
    }

    private static func budget(
        _ provider: String, _ patience: Duration, _ runtime: ServiceRuntime
    ) throws -> any RequestBudget {
        guard let limits = try BudgetLimits(runtime.raw, provider: provider) else { return UnlimitedRequests() }
        return SharedRequests(budget: ProviderBudget(provider, limits, runtime), patience: patience)
    }
}
