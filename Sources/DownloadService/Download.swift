public import AudioSources
import Contracts
import Files
import Foundation
import Hummingbird
import Logging
public import ServiceKit
public import ServiceLifecycle

/// The download service: fetches the matched files into the downloads folder.
public enum Download {
    /// Creates the service's parts, in the order in which they depend on each other.
    /// - Throws: `SettingsError` for a setting that cannot be used; `SourceError` when a source cannot be opened.
    public static func build(
        _ runtime: ServiceRuntime, registry: SourceRegistry = .standard
    ) async throws -> [any Service] {
        let staging = StagingArea(downloads: runtime.settings.downloadsDir)
        let sources = try await DownloadSources(runtime, registry: registry, staging: staging)
        let store = try await peerStore(runtime)
        var handler = DownloadHandler(
            sources: sources.byName, staging: staging, peers: PeerReputation(store: store, logger: runtime.logger))
        // A wait shows no progress: the job must be rescheduled before its delivery times out.
        let longest = min(runtime.settings[.download].visibilityTimeout, runtime.settings.holdLimit) / 2
        (handler.patience, handler.stay) = (min(handler.patience, longest), min(handler.stay, longest))
        try addDiskChecks(runtime)
        let router = try await router(runtime, store)
        return sources.services + [
            StageWorker(handler, runtime: runtime),
            ServiceHTTP(runtime, router: router),
        ]
    }

    /// Creates the router of the service. All its routes need the service key.
    static func router(_ runtime: ServiceRuntime, _ store: PeerStore) async throws -> Router<BasicRequestContext> {
        let router = try await ServiceHTTP.keyedRouter(runtime)
        let peers = PeerController(store: store, logger: runtime.logger)
        return router.addRoutes(peers.endpoints, atPath: PeerController.path)
    }

    private static func addDiskChecks(_ runtime: ServiceRuntime) throws {
        runtime.readiness.add(
            "downloads", VolumeCheck(runtime.settings.downloadsDir, every: runtime.settings.volumeProbe))
        let floor = DiskFloor(
            runtime.settings.downloadsDir,
            megabytes: try runtime.raw.integer("HDM_DISK_FLOOR_MB", default: 1024, in: 0...1_000_000_000))
        runtime.readiness.add("disk") { await floor.run() }
    }

    private static func peerStore(_ runtime: ServiceRuntime) async throws -> PeerStore {
        let folder = runtime.settings.stateDir
        return try await BlockingPool.databases.run {
            try DiskFolder(folder.path(percentEncoded: false)).make()
            return try PeerStore(folder.appending(path: "peers.db"))
        }
    }
}
