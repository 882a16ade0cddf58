import AMQP
import Contracts
import Logging

// Outcomes that end a job, or reschedule it if it is a monitored one.
extension Settler {
    /// Ends a job that has no attempt left. A monitored job is rescheduled instead if the cause can change with time.
    /// - Parameter cause: the error of the last attempt.
    func endWithoutSuccess(
        _ run: JobRun, _ error: JobError, cause: ErrorCode, _ data: [String: JSONValue] = [:]
    ) async throws(AMQPError) -> String {
        guard run.job.isRescheduled(for: cause, at: run.stage) else {
            try await deadLetter(run, error, data)
            return "dead"
        }
        try await reschedule(run, error, data)
        return "standing"
    }

    /// Schedules a monitored job to restart at the first stage with a new budget.
    private func reschedule(_ run: JobRun, _ error: JobError, _ data: [String: JSONValue]) async throws(AMQPError) {
        let job = run.job.rescheduled()
        let tries = job.standingTries ?? 1
        let next = Timestamp.now + monitored.pause(after: tries)
        // A job that expires earlier ends at its expiry and not at the next search.
        let due = min(next, job.expiresAt ?? next)
        var envelope = run.envelope.next()
        (envelope.restarts, envelope.notBefore) = (0, due)
        var event = run.event(.waiting, .waiting, error: error)
        event.notBefore = due
        event.message = "not available now, rescheduled \(tries) times: \(error.message)".prefix(
            utf8: JobError.longestMessage)
        event.data = data.merging(["standing_tries": .integer(Int64(tries))]) { $1 }
        try await publishBoth(event) { [envelope] () async throws(AMQPError) in
            try await publisher.publish(job, to: .match, after: due.since(.now), envelope)
        }
        try await run.acknowledge()
        run.logger.log(
            event: .jobPutOff, "a monitored job was rescheduled",
            metadata: [
                LogKey.code: .string(error.code.rawValue), LogKey.until: .string(due.description),
                "tries": .stringConvertible(tries),
            ])
    }

    func deadLetter(
        _ run: JobRun, _ error: JobError, _ data: [String: JSONValue] = [:]
    ) async throws(AMQPError) {
        var event = run.event(.deadLettered, .deadLetter, error: error)
        event.data = data.isEmpty ? nil : data
        try await publishBoth(event) { () async throws(AMQPError) in
            try await publisher.publish(run.deadLetter(error))
        }
        try await run.acknowledge()
        run.logger.log(
            event: .recoveryDeadLettered, level: .warning, "the job became a dead letter",
            metadata: [LogKey.code: .string(error.code.rawValue), LogKey.error: .string(error.message)])
    }

    /// - Parameter path: the file in the library that is the same recording.
    func endAsDuplicate(_ run: JobRun, _ path: String?) async throws(AMQPError) {
        var event = run.event(.duplicate, .duplicate)
        if let path { event.data = ["path": .string(path)] }
        try await publisher.publish(event)
        try await run.acknowledge()
    }

    func cancel(_ run: JobRun, _ reason: String) async throws(AMQPError) {
        var event = run.event(.cancelled, .cancelled)
        event.message = reason
        try await publisher.publish(event)
        try await run.acknowledge()
    }
}
