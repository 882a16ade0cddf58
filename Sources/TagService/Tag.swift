import Contracts
import Logging
public import ServiceKit
public import ServiceLifecycle

/// The tag service: checks what was fetched and writes the wanted tags to a copy of it.
public enum Tag {
    /// Makes the service's parts, in the order in which they depend on each other.
    public static func build(_ runtime: ServiceRuntime) async throws -> [any Service] {
        let staging = StagingArea(downloads: runtime.settings.downloadsDir)
        let downloads = VolumeCheck(runtime.settings.downloadsDir)
        runtime.readiness.add("downloads") { await downloads.run() }
        return [
            StageWorker(
                TagHandler(staging: staging), runtime: runtime, isFinished: staging.dropIfFinished,
                cancelled: CancelledJobs(staging)),
            ServiceHTTP(runtime),
        ]
    }
}
