import Contracts
import Files
import JobLedger
import Logging
import ServiceKit

/// Carries out commands of people about single jobs.
struct JobCommands: Sendable {
    let store: JobStore
    let cancelled: CancelledJobs
    let claims: GenerationClaims
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
            try await BlockingPool.markers.run(within: .seconds(5)) { [cancelled] in
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

    /// Restarts a job that was cancelled or whose message is gone.
    /// - Parameter stage: where it continues, or earlier if what the stages before it decided is not stored.
    /// - Returns: The stage at which it continues.
    /// - Throws: `JobOrderError`, `DatabaseError`; `JobError` when the shared volume fails.
    func restart(_ id: JobID, from stage: Stage, by client: String) async throws -> Stage {
        try await claims.checkVolume(id)
        let stage = try await store.restart(id, from: stage, by: client, worker: worker) { [claims, cancelled] known in
            // A crash before the commit leaves a claim, which the next request finds under the same name.
            let generation = try claims.claimNext(of: id, after: known, claimant: "restart of generation \(known)")
            try cancelled.revive(id, requeues: generation)
            CrashPoint.pass(.generationClaimed)
            return generation
        }
        outbox.raise()
        return stage
    }
}

extension GenerationClaims {
    /// Reads from the shared volume, in at most five seconds.
    ///
    /// A claim blocks a transaction of the database, so a volume that does not respond must be noticed before.
    /// - Throws: `JobError`.
    func checkVolume(_ job: JobID) async throws(JobError) {
        do {
            _ = try await BlockingPool.markers.run(within: .seconds(5)) { try isStale(job, generation: 0) }
        } catch {
            throw error as? JobError ?? JobError(.timeout, "\(error)")
        }
    }
}
