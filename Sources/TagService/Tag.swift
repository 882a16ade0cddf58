import Contracts
import Files
import Logging
public import ServiceKit
public import ServiceLifecycle

/// The tag service: verifies downloaded files and writes the wanted tags to copies of them.
public enum Tag {
    /// Creates the parts of the service, in the order of their dependencies.
    public static func build(_ runtime: ServiceRuntime) async throws -> [any Service] {
        let staging = StagingArea(downloads: runtime.settings.downloadsDir)
        runtime.readiness.add(
            "downloads", VolumeCheck(runtime.settings.downloadsDir, every: runtime.settings.volumeProbe))
        let concurrency = runtime.settings.stages[.tag]?.concurrency ?? 1
        let handler = TagHandler(staging: staging, pool: BlockingPool(name: "tag", threads: concurrency))
        return [
            StageWorker(handler, runtime: runtime),
            ServiceHTTP(runtime),
        ]
    }
}
