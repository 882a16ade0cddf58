import Contracts
import Files
import Hummingbird
import Logging
public import ServiceKit
public import ServiceLifecycle

/// The move service, the last stage: moves tagged files into the library.
public enum Move {
    /// Creates the parts of the service, in the order of their dependencies.
    ///
    /// - Throws: `SettingsError` for `MOVE_TEMPLATE`, `PUID`, `PGID`, `UMASK` or the service key; an error when the
    ///   library index cannot be opened.
    public static func build(_ runtime: ServiceRuntime) async throws -> [any Service] {
        let mover = try await mover(runtime)
        addChecks(runtime, mover.index)
        let concurrency = runtime.settings.stages[.move]?.concurrency ?? 1
        let handler = MoveHandler(mover: mover, pool: BlockingPool(name: "move", threads: concurrency))
        return [
            StageWorker(handler, runtime: runtime),
            ServiceHTTP(runtime, router: try await router(runtime, mover)),
        ]
    }

    /// Returns the routes of the service. They need the service key, except those of every service.
    static func router(_ runtime: ServiceRuntime, _ mover: LibraryMover) async throws -> Router<BasicRequestContext> {
        let router = try await ServiceHTTP.keyedRouter(runtime)
        let queries = BlockingPool(name: "library-index", threads: 2)
        let controller = LibraryController(
            index: mover.index, library: mover.library, pool: queries, logger: runtime.logger)
        router.addRoutes(controller.endpoints, atPath: "api/v1/library")
        return router
    }

    private static func mover(_ runtime: ServiceRuntime) async throws -> LibraryMover {
        let settings = runtime.settings
        let template = try MoveTemplate(runtime.raw, library: settings.musicDir)
        let permissions = try FilePermissions(runtime.raw)
        if let warning = permissions.warning { runtime.logger.warning("\(warning)") }
        let index = try await BlockingPool.databases.run {
            try DiskFolder(settings.stateDir.path(percentEncoded: false)).make()
            return try LibraryIndex(at: settings.stateDir.appending(path: "library.db"))
        }
        return LibraryMover(
            index: index, library: MusicLibrary(settings.musicDir, permissions: permissions),
            staging: StagingArea(downloads: settings.downloadsDir), template: template,
            actor: runtime.instance)
    }

    private static func addChecks(_ runtime: ServiceRuntime, _ index: LibraryIndex) {
        let interval = runtime.settings.volumeProbe
        runtime.readiness.add("downloads", VolumeCheck(runtime.settings.downloadsDir, every: interval))
        runtime.readiness.add("music", MusicVolumeCheck(folder: runtime.settings.musicDir, every: interval).volume)
        let file = DatabaseFileCheck(runtime.settings.stateDir.appending(path: "library.db"))
        runtime.readiness.add("library index") {
            await file.runBlocking(index.check)
        }
    }
}
