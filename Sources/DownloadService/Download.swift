import AudioSources
import Contracts
import Foundation
import Logging
import Metadata
import NIOPosix
public import ServiceKit
public import ServiceLifecycle

/// The download service: brings the matched files into the downloads folder.
public enum Download {
    /// Makes the service's parts, in the order in which they depend on each other.
    /// - Throws: `SettingsError` for a setting that cannot be used.
    public static func build(_ runtime: ServiceRuntime) async throws -> [any Service] {
        var services: [any Service] = []
        let sources = try sources(runtime, &services)
        let staging = StagingArea(downloads: runtime.settings.downloadsDir)
        let book = try await peerBook(runtime)
        var handler = DownloadHandler(
            sources: Dictionary(uniqueKeysWithValues: sources.map { ($0.name, $0) }), staging: staging,
            peers: PeerReputation(book: book, logger: runtime.logger))
        // A job that stands in a queue shows no progress: it is put aside before it is taken for stuck.
        handler.patience = min(handler.patience, runtime.settings[.download].visibilityTimeout / 2)
        let volume = VolumeCheck(runtime.settings.downloadsDir)
        runtime.readiness.add("downloads") { await volume.run() }
        let floor = DiskFloor(
            runtime.settings.downloadsDir,
            megabytes: try runtime.raw.integer("HDM_DISK_FLOOR_MB", default: 1024, in: 0...1_000_000_000))
        runtime.readiness.add("disk") { await floor.run() }
        for source in sources {
            runtime.readiness.add("source.\(source.name)", problem: { await source.readiness().problem })
        }
        let router = ServiceHTTP.router(runtime)
        PeerRoutes(book: book, logger: runtime.logger).add(to: router)
        services += sources.compactMap { $0 as? SlskdFetchSource }.map {
            TransferSweeping(source: $0, staging: staging, logger: runtime.logger)
        }
        return services + [
            StageWorker(
                handler, runtime: runtime, isFinished: staging.dropIfFinished,
                cancelled: CancelledJobs(staging)),
            ServiceHTTP(runtime, router: router),
        ]
    }

    private static func peerBook(_ runtime: ServiceRuntime) async throws -> PeerStore {
        let folder = runtime.settings.stateDir
        return try await NIOThreadPool.singleton.runIfActive {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            return try PeerStore(folder.appending(path: "peers.db"))
        }
    }

    /// - Parameter services: what keeps the sources going is added here.
    private static func sources(
        _ runtime: ServiceRuntime, _ services: inout [any Service]
    ) throws -> [any FetchSource] {
        let named = runtime.raw.list("HDM_SOURCES")
        var sources: [any FetchSource] = []
        for name in named.isEmpty ? [FolderSource.sourceName] : named {
            guard !sources.contains(where: { $0.name == name }) else { continue }
            switch name {
            case FolderSource.sourceName: sources.append(try folder(runtime))
            case SlskdSource.sourceName: sources.append(try slskd(runtime, &services))
            default:
                throw SettingsError(
                    "HDM_SOURCES",
                    "names a source that does not exist: '\(name)'; there are '\(FolderSource.sourceName)' and "
                        + "'\(SlskdSource.sourceName)'")
            }
        }
        return sources
    }

    /// Copies need no index: the candidates name the files.
    private static func folder(_ runtime: ServiceRuntime) throws -> FolderSource {
        let roots = runtime.raw.list("HDM_FOLDER_SOURCE_DIRS", separator: ":").map { URL(filePath: $0) }
        return try FolderSource(FolderSourceConfiguration(roots: roots, indexPath: nil), logger: runtime.logger)
    }

    private static func slskd(
        _ runtime: ServiceRuntime, _ services: inout [any Service]
    ) throws -> SlskdFetchSource {
        let settings = try SlskdSettings(
            text: runtime.raw.text, secret: runtime.raw.secret, integer: runtime.raw.integer,
            problem: SettingsError.init)
        guard let downloads = settings.downloadsFolder else {
            throw SettingsError(
                "SLSKD_DOWNLOADS_DIR", "is missing: set it to slskd's downloads folder as the download service sees it")
        }
        let secret =
            try settings.apiKey == nil
            ? RemoteSecret(
                .slskdAPIKey, text: runtime.raw.text, stateDir: runtime.settings.stateDir,
                problem: SettingsError.init, logger: runtime.logger) : nil
        if let secret { services.append(secret) }
        return SlskdFetchSource(
            client: SlskdClient(base: settings.baseURL, limits: settings.limits) { settings.apiKey ?? secret?.value },
            downloads: downloads, settings: try TransferSettings(integer: runtime.raw.integer), logger: runtime.logger)
    }
}
