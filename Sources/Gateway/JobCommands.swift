import Contracts
import Logging
import NIOPosix
import ServiceKit

/// Where people order something about a single job.
struct JobCommands: Sendable {
    let store: JobStore
    let cancelled: CancelledJobs
    let outbox: WakeSignal
    /// The process, as the timeline names it.
    let worker: String
    let logger: Logger

    /// Cancels a job. When it returns, every stage drops the job wherever it meets it, and no crash undoes that.
    /// - Throws: ``JobOrderError``, and that the database did not take it.
    func cancel(_ id: JobID, by client: String) async throws {
        let life = try await store.cancel(id, by: client, worker: worker)
        outbox.raise()
        do {
            try await NIOThreadPool.singleton.runIfActive { [cancelled] in
                try cancelled.note(life.job, requeues: life.requeues)
            }
        } catch {
            // The outbox holds the order and notes it again before it is published.
            logger.log(
                event: .workerFailed, level: .warning, "a cancelled job is noted later",
                metadata: [LogKey.jobID: .string(id.text), LogKey.error: .string("\(error)")])
        }
        logger.log(
            event: .jobCancelled, "a person cancelled the job",
            metadata: [LogKey.jobID: .string(id.text), "by": .string(client)])
    }

    /// Sends a cancelled job back to work.
    /// - Throws: ``JobOrderError``, and that the database did not take it.
    func tryAgain(_ id: JobID, by client: String) async throws {
        try await store.tryAgain(id, by: client, worker: worker) { [cancelled] in
            try cancelled.revive(id, requeues: $0)
        }
        outbox.raise()
    }
}
