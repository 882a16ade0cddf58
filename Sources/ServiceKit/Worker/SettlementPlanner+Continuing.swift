import AMQP
import Contracts
import Logging

// Outcomes after which a job continues.
extension SettlementPlanner {
    /// Passes the job to the next stage; after the last stage it is complete.
    func complete(_ run: JobRun, _ job: JobDocument, _ data: [String: JSONValue]) throws -> SettlementPlan {
        let next = try replacement(run, job)
        var event =
            run.stage.next.map { run.event(.completed, $0.runningState) } ?? run.finalEvent(.completed, .completed)
        event.data = data.isEmpty ? nil : data
        event.began = run.began
        // An earlier run of the stage that was snoozed, retried or handed back may have written some of them.
        event.sections = next.present
        let message = run.stage.next.map { followUp(run, next.bytes, job, to: $0, run.envelope.next()) }
        return SettlementPlan(label: Outcome.completed(job).name, event: event, followUp: message)
    }

    /// Schedules another attempt while the retry budget lasts.
    /// - Parameter stage: an earlier stage where the job restarts; `nil` repeats the present stage.
    func retry(
        _ run: JobRun, _ job: JobDocument, _ error: JobError, _ delay: Duration?, from stage: Stage?
    ) throws -> SettlementPlan {
        let attempts = stage == nil ? run.envelope.attempt : run.envelope.restarts + 1
        guard policy.allowsAnother(after: attempts) else {
            let last = "gave up after \(attempts) attempts; the last failed with \(error)"
            return try endWithoutSuccess(run, job, JobError(.retryExhausted, last), cause: error.code)
        }
        let pause = policy.delay(after: attempts, atLeast: delay)
        let due = Timestamp.now + pause
        var event = run.event(.retry, .waiting, error: error)
        event.notBefore = due
        event.wait = JobEvent.Wait(.retry)
        // A pause that is longer than the longest tier needs several waits.
        let later = pause > RetryTier.h6.delay ? due : nil
        let envelope =
            stage == nil ? run.envelope.retried(notBefore: later) : run.envelope.restarted(notBefore: later)
        let body = try replacement(run, job).bytes
        return SettlementPlan(
            label: "retry", event: event,
            followUp: followUp(run, body, job, to: stage ?? run.stage, after: pause, envelope),
            log: retryLine(error, pause))
    }

    private func retryLine(_ error: JobError, _ pause: Duration) -> SettlementPlan.LogLine {
        SettlementPlan.LogLine(
            event: .retryScheduled, level: .warning, text: "another attempt was scheduled",
            metadata: [
                LogKey.code: .string(error.code.rawValue), LogKey.error: .string(error.message),
                LogKey.duration: .stringConvertible(Int(pause / .milliseconds(1))),
            ])
    }

    /// Restarts the job at an earlier stage at once, without using an attempt.
    func restart(_ run: JobRun, from stage: Stage, _ job: JobDocument, _ error: JobError) throws -> SettlementPlan {
        let body = try replacement(run, job).bytes
        return SettlementPlan(
            label: "again", event: run.event(.retry, stage.runningState, error: error),
            followUp: followUp(run, body, job, to: stage, run.envelope.next()))
    }

    /// Repeats the stage at a given time, without using an attempt.
    func snooze(
        _ run: JobRun, _ job: JobDocument, until time: Timestamp, _ reason: String, _ wait: JobEvent.Wait?
    ) throws -> SettlementPlan {
        var event = run.event(.waiting, .waiting)
        event.notBefore = time
        event.message = reason.prefix(utf8: JobError.longestMessage)
        event.wait = wait
        let body = try replacement(run, job).bytes
        var envelope = run.envelope.waiting(until: time)
        envelope.run = nil
        return SettlementPlan(
            label: "wait", event: event,
            followUp: followUp(run, body, job, to: run.stage, after: time.since(.now), envelope))
    }

    /// Passes the job to the queue of matches that a person has to decide on.
    func review(
        _ run: JobRun, _ job: JobDocument, _ reason: String, _ data: [String: JSONValue]
    ) throws -> SettlementPlan {
        var event = run.event(.review, .review)
        event.message = reason
        event.data = data.isEmpty ? nil : data
        let body = try replacement(run, job).bytes
        let message = messages.job(
            body, id: job.jobID.text, priority: job.priority, headers: run.envelope.next().headers)
        return SettlementPlan(
            label: "review", event: event,
            followUp: SettlementPlan.FollowUp(message: message, exchange: ExchangeName.jobs, key: RoutingKey.review))
    }
}
