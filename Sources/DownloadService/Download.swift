import AudioSources
import Contracts
import Foundation
import Logging
import NIOPosix
public import ServiceKit
public import ServiceLifecycle

/// The download service: brings the matched files into the downloads folder.
public enum Download {
    /// Makes the service's parts, in the order in which they depend on each other.
    /// - Throws: `SettingsError` for a setting that cannot be used.
    public static func build(_ runtime: ServiceRuntime) async throws -> [any Service] {
        let sources = try sources(runtime)
        let staging = StagingArea(downloads: runtime.settings.downloadsDir)
        let book = try await peerBook(runtime)
        let handler = DownloadHandler(
            sources: Dictionary(uniqueKeysWithValues: sources.map { ($0.name, $0) }), staging: staging,
            peers: PeerMemory(book: book, logger: runtime.logger))
        let volume = VolumeCheck(runtime.settings.downloadsDir)
        runtime.readiness.add("downloads") { await volume.run() }
        for source in sources { runtime.readiness.add("source.\(source.name)") { await source.readinessCheck() } }
        let router = ServiceHTTP.router(runtime)
        PeerRoutes(book: book, logger: runtime.logger).add(to: router)
        return [
            StageWorker(handler, runtime: runtime, isFinished: staging.dropIfFinished),
            ServiceHTTP(runtime, router: router),
        ]
    }

    private static func peerBook(_ runtime: ServiceRuntime) async throws -> PeerBook {
        let folder = runtime.settings.stateDir
        return try await NIOThreadPool.singleton.runIfActive {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            return try PeerBook(folder.appending(path: "peers.db"))
        }
    }

    /// Copies need no index: the candidates name the files.
    private static func sources(_ runtime: ServiceRuntime) throws -> [any FetchSource] {
        let names = runtime.raw.list("HDM_SOURCES")
        for name in names where name != "folder" {
            throw SettingsError("HDM_SOURCES", "names a source that does not exist: '\(name)'; there is 'folder'")
        }
        let roots = runtime.raw.list("HDM_FOLDER_SOURCE_DIRS", separator: ":").map { URL(filePath: $0) }
        return [try FolderSource(FolderSourceConfiguration(roots: roots, indexPath: nil), logger: runtime.logger)]
    }
}

extension AudioSource {
    /// The source's state as a readiness check.
    func readinessCheck() async -> CheckResult {
        switch await readiness() {
        case .ready: .ok
        case .notReady(let reason): .failing(reason)
        }
    }
}
