public import Accounts
import Contracts
import Files
import Foundation
import Logging
public import ServiceKit
public import ServiceLifecycle

/// The catalogues that the settings configure, with shared budgets and a shared cache, and their orderly end.
public struct ConfiguredCatalogues: Service {
    public let spotify: SpotifyCatalogue
    /// `nil` when MusicBrainz is not enabled.
    public let musicBrainz: MusicBrainzCatalogue?
    /// Both catalogues with their health, in the order in which they are used.
    public let monitored: [MonitoredCatalogue]
    private let cache: ResponseCache?

    /// - Parameter tokens: The source of Spotify's tokens. It reports when Spotify is not set up, or no user is signed in.
    /// - Throws: `SettingsError`.
    public init(_ runtime: ServiceRuntime, tokens: any SpotifyTokens) async throws {
        let raw = runtime.raw
        let patience = try raw.seconds("HDM_METADATA_PATIENCE_S", default: .seconds(10), in: 0...60)
        let limit = ReleaseLimit(
            try raw.integer("HDM_ARTIST_RELEASES_MAX", default: ReleaseLimit().count, in: 1...100_000))
        cache = try await Self.openCache(runtime)
        var settings = try SpotifySettings(text: raw.text, integer: raw.integer, problem: SettingsError.init)
        settings.releaseLimit = limit
        spotify = SpotifyCatalogue(
            settings, tokens: tokens, budget: try Self.budget("spotify", patience, runtime), cache: cache,
            userAgent: Product.userAgent(contact: raw.text("HDM_CONTACT")))
        musicBrainz = try Self.musicBrainz(runtime, patience, limit, cache)
        let all: [any MusicCatalogue] = [spotify] + (musicBrainz.map { [$0] } ?? [])
        monitored = all.map { MonitoredCatalogue($0) }
    }

    /// Waits for the end of the service, and closes the connections and the cache.
    public func run() async throws {
        try? await gracefulShutdown()
        await spotify.close()
        await musicBrainz?.close()
        guard let cache else { return }
        try? await BlockingPool.databases.run(within: .seconds(10)) { try cache.close() }
    }

    /// Adds a readiness check that reports the mode. It never fails, because jobs with names work without Spotify.
    public func addModeCheck(to runtime: ServiceRuntime) {
        let health = monitored.first { $0.name == spotify.name }?.health
        runtime.readiness.add("spotify") {
            switch health?.current() {
            case .signInNeeded(let reason): .noted("FREE: \(reason)")
            case let obstacle?: .noted("PRO, but Spotify is unavailable: \(obstacle)")
            case nil: .ok
            }
        }
    }
}

// MARK: - Parts

extension ConfiguredCatalogues {
    private static func musicBrainz(
        _ runtime: ServiceRuntime, _ patience: Duration, _ limit: ReleaseLimit, _ cache: ResponseCache?
    ) throws -> MusicBrainzCatalogue? {
        let raw = runtime.raw
        let read = try MusicBrainzSettings(
            text: raw.text, flag: raw.flag, integer: raw.integer, problem: SettingsError.init)
        guard var settings = read else { return nil }
        guard let contact = raw.text("HDM_CONTACT") else {
            throw SettingsError(
                "HDM_CONTACT",
                "is required with HDM_MUSICBRAINZ: MusicBrainz rejects clients without contact details; set it to an "
                    + "address such as you@example.org")
        }
        settings.releaseLimit = limit
        return MusicBrainzCatalogue(
            settings, budget: try budget("musicbrainz", patience, runtime), cache: cache,
            userAgent: Product.userAgent(contact: contact))
    }

    private static func budget(
        _ provider: String, _ patience: Duration, _ runtime: ServiceRuntime
    ) throws -> any RequestBudget {
        guard let limits = try BudgetLimits(runtime.raw, provider: provider) else { return UnlimitedRequests() }
        return SharedRequests(budget: ProviderBudget(provider, limits, runtime), patience: patience)
    }

    /// Opens `catalogue-cache.db` in the state folder, within `HDM_CATALOGUE_CACHE_MB` (0 disables it) and
    /// `HDM_CATALOGUE_CACHE_DAYS`.
    /// - Returns: `nil` when the cache is disabled, or when the file cannot be opened.
    private static func openCache(_ runtime: ServiceRuntime) async throws -> ResponseCache? {
        let megabytes = try runtime.raw.integer("HDM_CATALOGUE_CACHE_MB", default: 64, in: 0...65_536)
        let days = try runtime.raw.integer("HDM_CATALOGUE_CACHE_DAYS", default: 30, in: 1...3650)
        guard megabytes > 0 else { return nil }
        let bounds = ResponseCache.Bounds(bytes: megabytes << 20, age: .seconds(days * 86_400))
        let folder = runtime.settings.stateDir.path
        do {
            return try await BlockingPool.databases.run {
                try DiskFolder(folder).make()
                return try ResponseCache(folder + "/catalogue-cache.db", bounds: bounds, logger: runtime.logger)
            }
        } catch {
            runtime.logger.warning(
                "the catalogue cache cannot be opened; catalogue responses are not cached",
                metadata: [LogKey.error: .string("\(error)")])
            return nil
        }
    }
}
