import AMQP
import Contracts
import Logging

/// Ends a run with an outcome: publishes the messages that follow, waits for their confirms, then acknowledges.
///
/// Because of this order, a crash can repeat a step of a job but never lose it. Steps are idempotent.
struct Settler: Sendable {
    let publisher: JobPublisher
    let policy: RetryPolicy
    var monitored = MonitoredJobPolicy()

    /// - Returns: the label of the outcome in metrics.
    func settle(_ run: JobRun, _ outcome: Outcome) async throws(AMQPError) -> String {
        switch outcome {
        case .completed(let job, let data): try await complete(run, job, data)
        case .retry(let error, let delay, let stage, let job):
            var run = run
            run.job = job ?? run.job
            return try await retry(run, error, delay, from: stage)
        case .restart(let stage, let job, let error): try await restart(run, from: stage, job, error)
        case .snooze(let time, let reason, let job): try await snooze(run, job ?? run.job, until: time, reason)
        case .handBack(let job):
            var run = run
            run.job = job
            _ = try await postpone(run, until: .now + .seconds(4))
        case .review(let job, let reason, let data): try await review(run, job, reason, data)
        case .deadLetter(let error, let data):
            return try await endWithoutSuccess(run, error, cause: error.code, data)
        case .cancelled(let reason): try await cancel(run, reason)
        case .duplicate(let path): try await endAsDuplicate(run, path)
        }
        return outcome.name
    }

    /// Returns a job to a wait queue because it is not due yet: a wait can be longer than the longest tier. No event.
    func postpone(_ run: JobRun, until due: Timestamp) async throws(AMQPError) -> String {
        let envelope = run.envelope.waiting(until: due)
        try await publisher.publish(run.job, to: run.stage, after: due.since(.now), envelope)
        try await run.acknowledge()
        return "postponed"
    }

    /// Counts a redelivery in a header, as classic queues do not count them.
    ///
    /// A process ended or lost its connection while it held the job. The job goes to the end of its queue, or becomes a
    /// dead letter when this happened too often.
    func countRedelivery(_ run: JobRun, limit: Int) async throws(AMQPError) -> String {
        var envelope = run.envelope
        envelope.redeliveries += 1
        guard envelope.redeliveries <= limit else {
            let error = JobError(
                .internalError, "the process working on it died or lost the broker \(limit) times in a row")
            try await deadLetter(run, error)
            return "dead"
        }
        try await publisher.publish(run.job, to: run.stage, envelope)
        try await run.acknowledge()
        return "redelivered"
    }

    /// Publishes an event and a message concurrently, so that two confirms take the time of one.
    func publishBoth(
        _ event: JobEvent, _ message: @Sendable () async throws(AMQPError) -> Void
    ) async throws(AMQPError) {
        async let published: Void? = publisher.publish(event)
        try await message()
        do {
            _ = try await published
        } catch {
            throw error as? AMQPError ?? AMQPError(.protocolError, "\(type(of: error))")
        }
    }
}
