import Contracts
import Foundation
import Logging
import NIOPosix
public import ServiceKit
public import ServiceLifecycle

/// The move service: the last step, which brings the tagged files into the library.
public enum Move {
    /// Makes the service's parts, in the order in which they depend on each other.
    /// - Throws: `SettingsError` for `MOVE_TEMPLATE`, `PUID`, `PGID` or `UMASK`; that the library index cannot be opened.
    public static func build(_ runtime: ServiceRuntime) async throws -> [any Service] {
        let mover = try await mover(runtime)
        addChecks(runtime, mover.index)
        let router = ServiceHTTP.router(runtime)
        LibraryRoutes(index: mover.index, library: mover.library, logger: runtime.logger).add(to: router)
        return [
            StageWorker(
                MoveHandler(mover: mover), runtime: runtime, cancelled: CancelledJobs(mover.staging)),
            ServiceHTTP(runtime, router: router),
        ]
    }

    private static func mover(_ runtime: ServiceRuntime) async throws -> LibraryMover {
        let settings = runtime.settings
        let template = try MoveTemplate(runtime.raw, library: settings.musicDir)
        let permissions = try FilePermissions(runtime.raw)
        if let shortfall = permissions.shortfall { runtime.logger.warning("\(shortfall)") }
        let index = try await NIOThreadPool.singleton.runIfActive {
            try FileManager.default.createDirectory(at: settings.stateDir, withIntermediateDirectories: true)
            return try LibraryIndex(at: settings.stateDir.appending(path: "library.db"))
        }
        return LibraryMover(
            index: index, library: MusicLibrary(settings.musicDir, permissions: permissions),
            staging: StagingArea(downloads: settings.downloadsDir), template: template,
            actor: runtime.instance)
    }

    private static func addChecks(_ runtime: ServiceRuntime, _ index: LibraryIndex) {
        let downloads = VolumeCheck(runtime.settings.downloadsDir)
        let music = MusicVolumeCheck(folder: runtime.settings.musicDir)
        runtime.readiness.add("downloads") { await downloads.run() }
        runtime.readiness.add("music") { await music.run() }
        let file = DatabaseFileCheck(runtime.settings.stateDir.appending(path: "library.db"))
        runtime.readiness.add("library index") {
            await file.run { try await NIOThreadPool.singleton.runIfActive { try index.check() } }
        }
    }
}
