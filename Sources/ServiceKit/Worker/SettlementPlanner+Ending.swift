import AMQP
import Contracts
import Logging

// Outcomes that end a job, or reschedule it if it is a monitored one.
extension SettlementPlanner {
    /// Ends a job that has no attempt left. A monitored job is rescheduled instead if the cause can change with time.
    /// - Parameter cause: the error of the last attempt.
    func endWithoutSuccess(
        _ run: JobRun, _ job: JobDocument, _ error: JobError, cause: ErrorCode, _ data: [String: JSONValue] = [:]
    ) throws -> SettlementPlan {
        guard job.isRescheduled(for: cause, at: run.stage) else { return deadLetter(run, error, data) }
        return try reschedule(run, job, error, data)
    }

    /// Ends the generation: the delivered message becomes a dead letter.
    func deadLetter(_ run: JobRun, _ error: JobError, _ data: [String: JSONValue] = [:]) -> SettlementPlan {
        var event = run.event(.deadLettered, .deadLetter, error: error)
        event.data = data.isEmpty ? nil : data
        let letter = run.deadLetter(error)
        return SettlementPlan(
            label: "dead", event: event,
            followUp: SettlementPlan.FollowUp(
                message: letter.marked, exchange: ExchangeName.deadLetters, key: letter.routingKey),
            endsGeneration: true,
            log: SettlementPlan.LogLine(
                event: .recoveryDeadLettered, level: .warning, text: "the job became a dead letter",
                metadata: [LogKey.code: .string(error.code.rawValue), LogKey.error: .string(error.message)]))
    }

    /// Schedules a monitored job to restart at the first stage with a new budget.
    private func reschedule(
        _ run: JobRun, _ job: JobDocument, _ error: JobError, _ data: [String: JSONValue]
    ) throws -> SettlementPlan {
        let job = job.rescheduled()
        let tries = job.standingTries ?? 1
        let next = Timestamp.now + monitored.pause(after: tries, age: job.wanted.age(at: .now))
        // A job that expires earlier ends at its expiry and not at the next search.
        let due = min(next, job.expiresAt ?? next)
        var envelope = run.envelope.next()
        (envelope.restarts, envelope.notBefore) = (0, due)
        var event = run.event(.waiting, .waiting, error: error)
        event.notBefore = due
        event.message = "not available now, rescheduled \(tries) times: \(error.message)".prefix(
            utf8: JobError.longestMessage)
        event.data = data.merging(["standing_tries": .integer(Int64(tries))]) { $1 }
        event.wait = JobEvent.Wait(.standing)
        let body = try replacement(
            run, job, removing: [.match, .download, .tag, .transfer, .standingTries]
        ).bytes
        return SettlementPlan(
            label: "standing", event: event,
            followUp: followUp(run, body, job, to: .match, after: due.since(.now), envelope),
            log: SettlementPlan.LogLine(
                event: .jobPutOff, level: .info, text: "a monitored job was rescheduled",
                metadata: [
                    LogKey.code: .string(error.code.rawValue), LogKey.until: .string(due.description),
                    "tries": .stringConvertible(tries),
                ]))
    }
}
