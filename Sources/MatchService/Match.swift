import Accounts
public import AudioSources
import Catalogues
import Contracts
import Files
import Foundation
import Logging
import Matching
public import ServiceKit
public import ServiceLifecycle

/// The match service: searches the sources for the files that are the wanted recordings.
public enum Match {
    /// Creates the service's parts, in the order in which they depend on each other.
    /// - Throws: `SettingsError` for a setting that cannot be used; `SourceError` when an index cannot be opened.
    public static func build(
        _ runtime: ServiceRuntime, registry: SourceRegistry = .standard
    ) async throws -> [any Service] {
        try await makeStateFolder(runtime)
        let accounts = try await AccountsChannel(runtime)
        let sources = try await MatchSources(runtime, registry: registry, accounts: accounts)
        let catalogues = try await ConfiguredCatalogues(runtime, tokens: RemoteTokens(accounts))
        catalogues.addModeCheck(to: runtime)
        let handler = MatchHandler(
            resolver: TrackResolver(catalogues.monitored), search: try await search(in: sources, runtime))
        let worker = StageWorker(handler, runtime: runtime)
        return sources.services + [catalogues, worker, ServiceHTTP(runtime)]
    }

    private static func search(in sources: MatchSources, _ runtime: ServiceRuntime) async throws -> TrackSearch {
        let matcher = Matcher(profile: try MatchProfile(runtime.raw, ownSources: sources.ownCollections))
        // Else the first search of each script takes many times as long as later ones.
        matcher.warmUp()
        return TrackSearch(
            sources: sources.searched, matcher: matcher, misses: try await negativeCache(sources.searched, runtime),
            enough: try matcher.profile.searchedQuality(runtime.raw),
            patience: try runtime.raw.seconds("HDM_SEARCH_PATIENCE_S", default: .seconds(10), in: 0...60),
            logger: runtime.logger)
    }

    /// Opens the cache; `nil` when it is disabled or no source has a budget to save.
    private static func negativeCache(
        _ sources: [SearchedSource], _ runtime: ServiceRuntime
    ) async throws -> NegativeSearchCache? {
        let lifetime = try runtime.raw.seconds("HDM_SEARCH_MISS_TTL_S", default: .seconds(21_600), in: 0...2_592_000)
        guard lifetime > .zero, sources.contains(where: \.isLimited) else { return nil }
        let file = runtime.settings.stateDir.appending(path: "match.db")
        return try await BlockingPool.databases.run { try NegativeSearchCache(file, lifetime: lifetime) }
    }

    private static func makeStateFolder(_ runtime: ServiceRuntime) async throws {
        let folder = DiskFolder(runtime.settings.stateDir.path(percentEncoded: false))
        try await BlockingPool.smallFiles.run { try folder.make() }
    }
}
