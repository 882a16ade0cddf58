import AMQP
import Contracts
import Logging

// Outcomes after which a job continues.
extension Settler {
    /// Passes the job to the next stage; after the last stage it is complete.
    func complete(_ run: JobRun, _ job: JobDocument, _ data: [String: JSONValue]) async throws(AMQPError) {
        var event = run.event(.completed, run.stage.next?.runningState ?? .completed)
        event.data = data.isEmpty ? nil : data
        if let next = run.stage.next {
            try await publishBoth(event) { () async throws(AMQPError) in
                try await publisher.publish(job, to: next, run.envelope.next())
            }
        } else {
            try await publisher.publish(event)
        }
        try await run.acknowledge()
    }

    /// Schedules another attempt while the retry budget lasts.
    /// - Parameter stage: an earlier stage where the job restarts; `nil` repeats the present stage.
    func retry(
        _ run: JobRun, _ error: JobError, _ delay: Duration?, from stage: Stage?
    ) async throws(AMQPError) -> String {
        let attempts = stage == nil ? run.envelope.attempt : run.envelope.restarts + 1
        guard policy.allowsAnother(after: attempts) else {
            let last = "gave up after \(attempts) attempts; the last failed with \(error)"
            return try await endWithoutSuccess(run, JobError(.retryExhausted, last), cause: error.code)
        }
        let pause = policy.delay(after: attempts, atLeast: delay)
        try await publishRetry(run, from: stage, after: pause, error)
        try await run.acknowledge()
        run.logger.log(
            event: .retryScheduled, level: .warning, "another attempt was scheduled",
            metadata: [
                LogKey.code: .string(error.code.rawValue), LogKey.error: .string(error.message),
                LogKey.duration: .stringConvertible(Int(pause / .milliseconds(1))),
            ])
        return "retry"
    }

    private func publishRetry(
        _ run: JobRun, from stage: Stage?, after pause: Duration, _ error: JobError
    ) async throws(AMQPError) {
        let due = Timestamp.now + pause
        var event = run.event(.retry, .waiting, error: error)
        event.notBefore = due
        // A pause that is longer than the longest tier needs several waits.
        let later = pause > RetryTier.h6.delay ? due : nil
        let envelope =
            stage == nil ? run.envelope.retried(notBefore: later) : run.envelope.restarted(notBefore: later)
        try await publishBoth(event) { () async throws(AMQPError) in
            try await publisher.publish(run.job, to: stage ?? run.stage, after: pause, envelope)
        }
    }

    /// Restarts the job at an earlier stage at once, without using an attempt.
    func restart(_ run: JobRun, from stage: Stage, _ job: JobDocument, _ error: JobError) async throws(AMQPError) {
        let event = run.event(.retry, stage.runningState, error: error)
        try await publishBoth(event) { () async throws(AMQPError) in
            try await publisher.publish(job, to: stage, run.envelope.next())
        }
        try await run.acknowledge()
    }

    /// Repeats the stage at a given time, without using an attempt.
    func snooze(_ run: JobRun, _ job: JobDocument, until time: Timestamp, _ reason: String) async throws(AMQPError) {
        var event = run.event(.waiting, .waiting)
        event.notBefore = time
        event.message = reason
        try await publishBoth(event) { () async throws(AMQPError) in
            try await publisher.publish(job, to: run.stage, after: time.since(.now), run.envelope.waiting(until: time))
        }
        try await run.acknowledge()
    }

    /// Passes the job to the queue of matches that a person has to decide on.
    func review(
        _ run: JobRun, _ job: JobDocument, _ reason: String, _ data: [String: JSONValue]
    ) async throws(AMQPError) {
        var event = run.event(.review, .review)
        event.message = reason
        event.data = data.isEmpty ? nil : data
        try await publishBoth(event) { () async throws(AMQPError) in
            try await publisher.publishForReview(job, run.envelope.next())
        }
        try await run.acknowledge()
    }
}
