import AMQP
import Contracts
import Metadata
import ServiceKit
import ServiceLifecycle

/// The catalogues that the settings name, and their end.
///
/// Spotify is always among them: whether it answers depends on the credentials, which may come and go while the gateway
/// runs.
struct ConfiguredCatalogues: Service {
    let catalogues: Catalogues
    private let close: @Sendable () async -> Void

    /// - Throws: `SettingsError`.
    init(_ runtime: ServiceRuntime, tokens: any SpotifyTokens) throws {
        let userAgent = Product.userAgent(contact: runtime.raw.text("HDM_CONTACT"))
        let spotify = try SpotifyCatalogue(
            Self.spotify(runtime.raw), tokens: tokens, budget: Self.budget("spotify", runtime), userAgent: userAgent)
        let musicBrainz = try Self.musicBrainz(runtime, userAgent)
        catalogues = Catalogues(spotify: spotify, musicBrainz: musicBrainz)
        close = {
            await spotify.close()
            await musicBrainz?.close()
        }
    }

    /// The id of the app may be among the secrets, where the tokens find it; the catalogue needs none.
    private static func spotify(_ raw: Settings) throws -> SpotifySettings {
        let settings = try SpotifySettings(
            text: { $0 == "SPOTIFY_CLIENT_ID" ? raw.text($0) ?? "among the secrets" : raw.text($0) },
            integer: raw.integer, problem: SettingsError.init)
        return settings ?? SpotifySettings(clientID: "")
    }

    private static func musicBrainz(_ runtime: ServiceRuntime, _ userAgent: String) throws -> MusicBrainzCatalogue? {
        let raw = runtime.raw
        let settings = try MusicBrainzSettings(
            text: raw.text, flag: raw.flag, integer: raw.integer, problem: SettingsError.init)
        guard let settings else { return nil }
        guard raw.text("HDM_CONTACT") != nil else {
            throw SettingsError(
                "HDM_CONTACT", "is missing: MusicBrainz answers only who says whom to turn to, such as you@example.org")
        }
        return try MusicBrainzCatalogue(
            settings, budget: budget("musicbrainz", runtime), userAgent: userAgent)
    }

    private static func budget(_ provider: String, _ runtime: ServiceRuntime) throws -> any RequestBudget {
        guard let limits = try BudgetLimits(runtime.raw, provider: provider) else { return UnlimitedRequests() }
        return CatalogueBudget(budget: ProviderBudget(provider, limits, runtime))
    }

    func run() async throws {
        try? await gracefulShutdown()
        await close()
    }
}

/// What all processes together may ask of a catalogue.
private struct CatalogueBudget: RequestBudget {
    /// How long a step keeps its lane while the budget is spent.
    private static let patience: Duration = .seconds(10)

    let budget: ProviderBudget

    func withPermit<Value: Sendable>(
        _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        do {
            return try await budget.withPermit(patience: Self.patience, request)
        } catch let error as BudgetExhausted {
            throw CatalogueError.paused(until: error.until, because: "\(error)")
        } catch let error as AMQPError {
            throw CatalogueError.unavailable(
                "the broker does not take what was asked of \(budget.provider): \(error.message)")
        }
    }

    func block(until: Timestamp, because reason: String) async throws {
        try await budget.block(until: until, because: reason)
    }
}
