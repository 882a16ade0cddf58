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
        let folder = try await folderSource(runtime)
        let staging = StagingArea(downloads: runtime.settings.downloadsDir)
        let matcher = Matcher(profile: try MatchProfile(runtime.raw, ownFiles: true))
        let handler = MatchHandler(sources: [folder], metadata: OwnFields(), matcher: matcher)
        runtime.readiness.add("source.\(folder.name)") {
            switch await folder.readiness() {
            case .ready: .ok
            case .notReady(let reason): .failing(reason)
            }
        }
        return [
            FolderIndexing(source: folder), StageWorker(handler, runtime: runtime, isFinished: staging.dropIfFinished),
            ServiceHTTP(runtime),
        ]
    }

    private static func folderSource(_ runtime: ServiceRuntime) async throws -> FolderSource {
        for name in runtime.raw.list("HDM_SOURCES") where name != "folder" {
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
            try FileManager.default.createDirectory(
                at: runtime.settings.stateDir, withIntermediateDirectories: true)
            return try FolderSource(configuration, logger: runtime.logger)
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
