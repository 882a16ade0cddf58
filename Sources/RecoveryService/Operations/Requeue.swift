import AMQP
import Contracts
import Files
import Logging
import ServiceKit

/// Runs the job of a dead letter again: claims the next generation, publishes the message, then the event, and records it.
///
/// After a crash at any line, and after a publish that was not confirmed, the same requeue can be repeated: it gets the
/// same generation, so that the job runs once.
struct Requeue: Sendable {
    let index: DeadLetterIndex
    let claims: GenerationClaims
    let cancelled: CancelledJobs
    let publisher: JobPublisher
    let logger: Logger

    /// - Throws: `SkippedDeadLetter` when somebody else restarted or cancelled the job, or when the broker did not
    ///   confirm.
    func run(
        _ entry: IndexedDeadLetter, _ plan: RequeuePlan, by actor: String = "recovery"
    ) async throws(SkippedDeadLetter) {
        let next = plan.generation + 1
        guard try await isOpen(plan, entry), try await claim(next, plan, entry) else {
            await record(entry, as: next)
            throw SkippedDeadLetter(id: entry.record.id, reason: .alreadyQueued)
        }
        CrashPoint.pass(.recoveryClaimed)
        do throws(AMQPError) {
            try await publisher.publish(plan.message(as: next), to: ExchangeName.jobs, key: plan.key)
            CrashPoint.pass(.recoveryPublished)
            // Without it the entry stays open: nothing else would say that the job runs as another generation.
            try await publisher.publish(plan.event(as: next))
        } catch {
            logger.warning(
                "a requeue of a dead letter is incomplete and is repeated",
                metadata: ["message_id": .string(entry.record.id), LogKey.error: .string("\(error)")])
            throw SkippedDeadLetter(id: entry.record.id, reason: .enqueueFailed)
        }
        await record(entry, as: next)
        CrashPoint.pass(.recoveryRestored)
        log(entry, actor)
    }

    /// Whether a dead letter means nothing any more: another restart of the job replaced its generation, or a person
    /// cancelled the job at the moment in which it died. A claim of this requeue itself does not count.
    func isReplaced(_ record: DeadLetterRecord) async throws -> Bool {
        guard let job = JobID(record.subject) else { return false }
        let claimant = RequeuePlan.claimant(record.id, job, record.requeues)
        return try await BlockingPool.markers.run(within: Self.patience) { [claims, cancelled] in
            if cancelled.isCancelled(job, requeues: record.requeues) { return true }
            guard try claims.isStale(job, generation: record.requeues) else { return false }
            return try !claims.claim(record.requeues + 1, of: job, claimant: claimant)
        }
    }

    /// How long the downloads volume may take for the markers of a job.
    private static let patience: Duration = .seconds(30)

    /// A job can be cancelled until it is published, in particular while it waits for its queue. The next generation
    /// would not be cancelled.
    private func isOpen(_ plan: RequeuePlan, _ entry: IndexedDeadLetter) async throws(SkippedDeadLetter) -> Bool {
        let isCancelled = try await marked(plan, entry) { [cancelled] in
            cancelled.isCancelled(plan.job.jobID, requeues: plan.generation)
        }
        return !isCancelled
    }

    private func claim(
        _ generation: Int, _ plan: RequeuePlan, _ entry: IndexedDeadLetter
    ) async throws(SkippedDeadLetter) -> Bool {
        try await marked(plan, entry) { [claims] in
            try claims.claim(generation, of: plan.job.jobID, claimant: plan.claimant)
        }
    }

    /// Reads or writes the markers of the job.
    private func marked(
        _ plan: RequeuePlan, _ entry: IndexedDeadLetter, _ body: @escaping @Sendable () throws -> Bool
    ) async throws(SkippedDeadLetter) -> Bool {
        do {
            return try await BlockingPool.markers.run(within: Self.patience, body)
        } catch {
            logger.warning(
                "a requeue could not use the markers of its job; check the volume of the downloads folder",
                metadata: [
                    LogKey.jobID: .string(plan.job.jobID.text), LogKey.error: .string("\(error)"),
                ])
            throw SkippedDeadLetter(id: entry.record.id, reason: .enqueueFailed)
        }
    }

    /// The broker operation succeeded in any case. If the index cannot be written, a repetition has no effect.
    private func record(_ entry: IndexedDeadLetter, as generation: Int) async {
        do {
            try await index.recordRequeued(entry.number, as: generation)
        } catch {
            logger.log(
                event: .requestFailed, level: .error, "the index does not record what was done with a dead letter",
                metadata: ["message_id": .string(entry.record.id), LogKey.error: .string("\(error)")])
        }
    }

    private func log(_ entry: IndexedDeadLetter, _ actor: String) {
        var metadata: Logger.Metadata = [
            "message_id": .string(entry.record.id), LogKey.queue: .string(entry.record.queue),
            "actor": .string(actor),
        ]
        if let job = entry.record.jobID { metadata[LogKey.jobID] = .string(job) }
        logger.log(event: .recoveryRequeued, "a dead letter was requeued", metadata: metadata)
    }
}
