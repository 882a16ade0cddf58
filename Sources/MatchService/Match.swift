import AudioSources
import Contracts
import Foundation
import Logging
import Matching
import Metadata
import NIOPosix
public import ServiceKit
public import ServiceLifecycle

/// The match service: finds the files that are the wanted recordings.
public enum Match {
    /// Makes the service's parts, in the order in which they depend on each other.
    /// - Throws: `SettingsError` for a setting that cannot be used; `SourceError` when an index cannot be opened.
    public static func build(_ runtime: ServiceRuntime) async throws -> [any Service] {
        try await makeStateFolder(runtime)
        let gateway = try GatewayChannel(
            text: runtime.raw.text, stateDir: runtime.settings.stateDir, problem: SettingsError.init)
        let sources = try await MatchSources(runtime, gateway: gateway)
        for source in sources.all {
            runtime.readiness.add("source.\(source.name)", problem: { await source.readiness().problem })
        }
        let staging = StagingArea(downloads: runtime.settings.downloadsDir)
        let catalogues = try Catalogues(runtime, tokens: RemoteTokens(gateway))
        let handler = MatchHandler(
            resolver: TrackResolver(catalogues: catalogues.all), search: try await search(in: sources.all, runtime))
        let worker = StageWorker(
            handler, runtime: runtime, isFinished: staging.dropIfFinished, cancelled: CancelledJobs(staging))
        return sources.services + [catalogues.configured, worker, ServiceHTTP(runtime)]
    }

    private static func search(in sources: [any SearchSource], _ runtime: ServiceRuntime) async throws -> TrackSearch {
        let matcher = Matcher(profile: try MatchProfile(runtime.raw, ownSources: [FolderSource.sourceName]))
        var searched: [SearchedSource] = []
        for source in sources {
            let limits = try BudgetLimits(runtime.raw, provider: source.name)
            let budget = limits.map { ProviderBudget(source.name, $0, runtime) }
            searched.append(SearchedSource(source: source, budget: budget))
        }
        return TrackSearch(
            sources: searched, matcher: matcher, misses: try await missMemory(of: searched, runtime),
            enough: try matcher.profile.searchedQuality(runtime.raw),
            patience: try runtime.raw.seconds("HDM_SEARCH_PATIENCE_S", default: .seconds(10), in: 0...60),
            logger: runtime.logger)
    }

    /// `nil` where nothing is saved by remembering.
    private static func missMemory(
        of sources: [SearchedSource], _ runtime: ServiceRuntime
    ) async throws -> NegativeSearchCache? {
        let lifetime = try runtime.raw.seconds("HDM_SEARCH_MISS_TTL_S", default: .seconds(21_600), in: 0...2_592_000)
        guard lifetime > .zero, sources.contains(where: \.isLimited) else { return nil }
        let file = runtime.settings.stateDir.appending(path: "match.db")
        return try await NIOThreadPool.singleton.runIfActive { try NegativeSearchCache(file, lifetime: lifetime) }
    }

    private static func makeStateFolder(_ runtime: ServiceRuntime) async throws {
        try await NIOThreadPool.singleton.runIfActive {
            try FileManager.default.createDirectory(at: runtime.settings.stateDir, withIntermediateDirectories: true)
        }
    }
}
