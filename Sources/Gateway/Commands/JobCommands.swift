import Contracts
import Files
import JobLedger
import Logging
import ServiceKit

/// Carries out commands of people about single jobs.
struct JobCommands: Sendable {
    let store: JobStore
    let cancelled: CancelledJobs
    let outbox: WakeSignal
    /// The process, as the timeline names it.
    let worker: String
    let logger: Logger

    /// Cancels a job. When the call returns, the cancellation is durable and every stage drops the job.
    /// - Throws: `JobOrderError`, `DatabaseError`.
    func cancel(_ id: JobID, by client: String) async throws {
        let ended = try await store.cancel(id, by: client, worker: worker)
        outbox.raise()
        do {
            try await BlockingPool.markers.run { [cancelled] in
                try cancelled.cancel(ended.job, requeues: ended.generation)
            }
        } catch {
            // The outbox has the request for the marker, too.
            logger.log(
                event: .workerFailed, level: .warning, "the marker of a cancelled job is written later",
                metadata: [LogKey.jobID: .string(id.text), LogKey.error: .string("\(error)")])
        }
        logger.log(
            event: .jobCancelled, "a person cancelled the job",
            metadata: [LogKey.jobID: .string(id.text), "by": .string(client)])
    }

    /// Restarts a cancelled job.
    /// - Throws: `JobOrderError`, `DatabaseError`.
    func restart(_ id: JobID, by client: String) async throws {
        try await store.restart(id, by: client, worker: worker) { [cancelled] in
            try cancelled.revive(id, requeues: $0)
        }
        outbox.raise()
    }
}
