import AudioSources
import Logging
import ServiceKit
import ServiceLifecycle

/// Ends transfers and removes folders that dead processes left at slskd, at the start and from time to time.
struct TransferSweeping: Service {
    let source: SlskdFetchSource
    let staging: StagingArea
    let logger: Logger

    func run() async throws {
        let sweep = SlskdSweep("transfers and folders", logger: logger) {
            try await source.removeLeftovers(isFinished: staging.dropIfFinished)
        }
        do {
            try await cancelWhenGracefulShutdown { try await sweep.run() }
        } catch is CancellationError {
            // The end of the service.
        }
    }
}
