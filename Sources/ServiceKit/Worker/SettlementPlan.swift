import AMQP
import Contracts
import Foundation
import Logging

/// What is published for the outcome of a run before its delivery is acknowledged.
struct SettlementPlan: Sendable {
    /// A message for the job's next step, or its dead letter.
    struct FollowUp: Sendable {
        var message: Message
        var exchange: String
        var key: String
    }

    /// A line for the log after the settlement.
    struct LogLine: Sendable {
        var event: LogEventName
        var level: Logger.Level
        var text: String
        var metadata: Logger.Metadata
    }

    /// The label of the outcome in metrics.
    var label: String
    var event: JobEvent?
    var followUp: FollowUp?
    /// Whether the outcome ends the generation as a dead letter.
    var endsGeneration = false
    var log: LogLine?
}

/// Plans settlements. It decides and publishes nothing.
struct SettlementPlanner: Sendable {
    let messages: MessageBuilder
    let policy: RetryPolicy
    var monitored = MonitoredJobPolicy()

    /// Returns the plan for an outcome.
    /// - Throws: an encoding error, or `ContractViolation` when the document would be too large.
    func plan(_ outcome: Outcome, of run: JobRun) throws -> SettlementPlan {
        switch outcome {
        case .completed(let job, let data): try complete(run, job, data)
        case .retry(let error, let delay, let stage, let job):
            try retry(run, job ?? run.job, error, delay, from: stage)
        case .restart(let stage, let job, let error): try restart(run, from: stage, job, error)
        case .snooze(let time, let reason, let wait, let job):
            try snooze(run, job ?? run.job, until: time, reason, wait)
        case .handBack(let job): try postpone(run, job, for: RetryTier.s5.delay, label: outcome.name)
        case .review(let job, let reason, let data): try review(run, job, reason, data)
        case .deadLetter(let error, let data): try endWithoutSuccess(run, run.job, error, cause: error.code, data)
        case .cancelled(let reason): end(run, .cancelled, .cancelled, message: reason)
        case .duplicate(let path): end(run, .duplicate, .duplicate, data: path.map { ["path": .string($0)] })
        }
    }

    /// Returns the plan for a job whose handler does not run now: it returns later, with the same attempt and no event.
    /// - Parameter due: a time that can be later than the longest tier.
    func postpone(
        _ run: JobRun, _ job: JobDocument? = nil, for pause: Duration, due: Timestamp? = nil, keepsRun: Bool = false,
        label: String = "postponed"
    ) throws -> SettlementPlan {
        var envelope = run.envelope.waiting(until: due)
        envelope.run = keepsRun ? run.envelope.runHop : nil
        let next = try replacement(run, job ?? run.job)
        return SettlementPlan(
            label: label, followUp: followUp(run, next.bytes, job ?? run.job, to: run.stage, after: pause, envelope))
    }

    /// Returns the body of the run with the sections that the outcome may change.
    func replacement(
        _ run: JobRun, _ job: JobDocument, removing: Set<JobSection> = []
    ) throws -> JobBody.Replacement {
        try run.body.replacement(by: job, sections: run.stage.ownSections.union(removing))
    }

    /// Returns the message that brings a job to a stage.
    /// - Parameter pause: the time in a wait queue; `nil` for none. A job that is due at a time may return a little later
    ///   or earlier, and is then put off again; any other job never returns earlier.
    func followUp(
        _ run: JobRun, _ body: Data, _ job: JobDocument, to stage: Stage, after pause: Duration? = nil,
        _ envelope: JobEnvelope
    ) -> SettlementPlan.FollowUp {
        let message = messages.job(body, id: job.jobID.text, priority: job.priority, headers: envelope.headers)
        guard let pause else {
            return SettlementPlan.FollowUp(
                message: message, exchange: ExchangeName.jobs, key: RoutingKey.job(stage, priority: job.priority))
        }
        let tier: RetryTier = envelope.notBefore == nil ? .covering(pause) : .within(pause)
        return SettlementPlan.FollowUp(
            message: message, exchange: ExchangeName.retry,
            key: RoutingKey.retry(tier, stage, priority: job.priority))
    }

    private func end(
        _ run: JobRun, _ name: JobEvent.Name, _ state: JobState, message: String? = nil,
        data: [String: JSONValue]? = nil
    ) -> SettlementPlan {
        var event = run.finalEvent(name, state)
        event.message = message
        event.data = data
        return SettlementPlan(label: name.rawValue, event: event)
    }
}
