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
        let folder = try await folderSource(runtime)
        addCheck(of: folder, to: runtime)
        let staging = StagingArea(downloads: runtime.settings.downloadsDir)
        let handler = MatchHandler(metadata: OwnFields(), search: try await search(in: [folder], runtime))
        return [
            FolderIndexing(source: folder), StageWorker(handler, runtime: runtime, isFinished: staging.dropIfFinished),
            ServiceHTTP(runtime),
        ]
    }

    private static func search(in sources: [any AudioSource], _ runtime: ServiceRuntime) async throws -> TrackSearch {
        let matcher = Matcher(profile: try MatchProfile(runtime.raw, ownSources: [FolderSource.sourceName]))
        var searched: [SearchedSource] = []
        for source in sources {
            let limits = try BudgetLimits(runtime.raw, provider: source.name)
            let budget = limits.map { ProviderBudget(source.name, $0, runtime) }
            searched.append(SearchedSource(source: source, budget: budget))
        }
        return TrackSearch(
            sources: searched, matcher: matcher, misses: try await missMemory(runtime),
            enough: try matcher.profile.searchedQuality(runtime.raw),
            patience: try runtime.raw.seconds("HDM_SEARCH_PATIENCE_S", default: .seconds(10), in: 0...60),
            logger: runtime.logger)
    }

    private static func missMemory(_ runtime: ServiceRuntime) async throws -> MissMemory? {
        let lifetime = try runtime.raw.seconds("HDM_SEARCH_MISS_TTL_S", default: .seconds(21_600), in: 0...2_592_000)
        guard lifetime > .zero else { return nil }
        let file = runtime.settings.stateDir.appending(path: "match.db")
        return try await NIOThreadPool.singleton.runIfActive { try MissMemory(file, lifetime: lifetime) }
    }

    private static func makeStateFolder(_ runtime: ServiceRuntime) async throws {
        try await NIOThreadPool.singleton.runIfActive {
            try FileManager.default.createDirectory(at: runtime.settings.stateDir, withIntermediateDirectories: true)
        }
    }

    private static func addCheck(of source: any AudioSource, to runtime: ServiceRuntime) {
        runtime.readiness.add("source.\(source.name)") {
            switch await source.readiness() {
            case .ready: .ok
            case .notReady(let reason): .failing(reason)
            }
        }
    }

    private static func folderSource(_ runtime: ServiceRuntime) async throws -> FolderSource {
        for name in runtime.raw.list("HDM_SOURCES") where name != FolderSource.sourceName {
            throw SettingsError("HDM_SOURCES", "names a source that does not exist: '\(name)'; there is 'folder'")
        }
        var configuration = FolderSourceConfiguration(
            roots: runtime.raw.list("HDM_FOLDER_SOURCE_DIRS", separator: ":").map { URL(filePath: $0) },
            indexPath: runtime.settings.stateDir.appending(path: "folder-index.db"))
        configuration.rescanInterval = try runtime.raw.seconds(
            "HDM_FOLDER_RESCAN_S", default: configuration.rescanInterval, in: 10...604_800)
        configuration.recheckAge = try runtime.raw.seconds(
            "HDM_FOLDER_RECHECK_S", default: configuration.recheckAge, in: 0...86_400)
        return try await NIOThreadPool.singleton.runIfActive { [configuration] in
            try FolderSource(configuration, logger: runtime.logger)
        }
    }
}

/// Keeps the index of the folder source fresh while the service runs.
struct FolderIndexing: Service {
    let source: FolderSource

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await source.run() }
        } catch is CancellationError {
            // The end of the service.
        }
    }
}
