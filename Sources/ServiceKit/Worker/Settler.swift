import AMQP
import Contracts
import Logging

/// Ends a run with one of the outcome's words: publishes what follows, waits until the broker has it, then acks.
///
/// In this order a crash can repeat a job's step but never lose it; steps are idempotent.
struct Settler: Sendable {
    let publisher: JobPublisher
    let policy: RetryPolicy
    var standing = MonitoredJobPolicy()

    /// - Returns: the label of the end.
    func settle(_ run: JobRun, _ outcome: Outcome) async throws(AMQPError) -> String {
        switch outcome {
        case .completed(let job, let data): try await finish(run, job, data)
        case .retry(let error, let delay, let stage, let job):
            var run = run
            run.job = job ?? run.job
            return try await retry(run, error, delay, from: stage)
        case .restart(let stage, let job, let error): try await begin(run, again: stage, job, error)
        case .snooze(let time, let reason, let job): try await wait(run, job ?? run.job, until: time, because: reason)
        case .review(let job, let reason, let data): try await review(run, job, because: reason, data)
        case .deadLetter(let error, let data): return try await giveUp(run, error, cause: error.code, data)
        case .cancelled(let reason): try await end(run, .cancelled, .cancelled, message: reason)
        case .duplicate(let path): try await endAsDuplicate(run, path)
        }
        return outcome.name
    }

    /// Sends a job on that is not due yet, as no tier was long enough. Not an end: no event.
    func postpone(_ run: JobRun, until due: Timestamp) async throws(AMQPError) -> String {
        let envelope = run.envelope.waiting(until: due)
        try await publisher.publish(run.job, to: run.stage, after: due.since(.now), envelope)
        try await run.acknowledge()
        return "postponed"
    }

    /// Counts that a process died, or lost its connection, with this job: classic queues keep no count. The job goes to
    /// the back of its queue with the count in a header, and to its parking lot when it came back too often.
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
}

// MARK: - The words

extension Settler {
    private func finish(_ run: JobRun, _ job: JobDocument, _ data: [String: JSONValue]) async throws(AMQPError) {
        var event = run.event(.completed, run.stage.next == nil ? .completed : .queued)
        if let next = run.stage.next {
            event.state = next.runningState
            event.data = data.isEmpty ? nil : data
            try await publishBoth(event) { () async throws(AMQPError) in
                try await publisher.publish(job, to: next, run.envelope.next())
            }
        } else {
            event.data = data.isEmpty ? nil : data
            try await publisher.publish(event)
        }
        try await run.acknowledge()
    }

    private func retry(
        _ run: JobRun, _ error: JobError, _ delay: Duration?, from stage: Stage?
    )
        async
        throws(AMQPError) -> String
    {
        let tries = stage == nil ? run.envelope.attempt : run.envelope.restarts + 1
        guard policy.allowsAnother(after: tries) else {
            let last = "gave up after \(tries) attempts; the last failed with \(error)"
            return try await giveUp(run, JobError(.retryExhausted, last), cause: error.code)
        }
        let pause = policy.delay(after: tries, atLeast: delay)
        try await publish(run, again: stage, after: pause, error)
        try await run.acknowledge()
        run.logger.log(
            event: .retryScheduled, level: .warning, "another attempt was scheduled",
            metadata: [
                LogKey.code: .string(error.code.rawValue), LogKey.error: .string(error.message),
                LogKey.duration: .stringConvertible(Int(pause / .milliseconds(1))),
            ])
        return "retry"
    }

    private func publish(
        _ run: JobRun, again stage: Stage?, after pause: Duration, _ error: JobError
    )
        async
        throws(AMQPError)
    {
        let due = Timestamp.now + pause
        var event = run.event(.retry, .waiting, error: error)
        event.notBefore = due
        // A pause longer than the longest tier takes several.
        let later = pause > RetryTier.h6.delay ? due : nil
        let envelope =
            stage == nil ? run.envelope.retried(notBefore: later) : run.envelope.restarted(notBefore: later)
        try await publishBoth(event) { () async throws(AMQPError) in
            try await publisher.publish(run.job, to: stage ?? run.stage, after: pause, envelope)
        }
    }

    private func begin(
        _ run: JobRun, again stage: Stage, _ job: JobDocument, _ error: JobError
    )
        async
        throws(AMQPError)
    {
        let event = run.event(.retry, stage.runningState, error: error)
        try await publishBoth(event) { () async throws(AMQPError) in
            try await publisher.publish(job, to: stage, run.envelope.next())
        }
        try await run.acknowledge()
    }

    private func wait(
        _ run: JobRun, _ job: JobDocument, until time: Timestamp, because reason: String
    )
        async
        throws(AMQPError)
    {
        var event = run.event(.waiting, .waiting)
        event.notBefore = time
        event.message = reason
        try await publishBoth(event) { () async throws(AMQPError) in
            try await publisher.publish(job, to: run.stage, after: time.since(.now), run.envelope.waiting(until: time))
        }
        try await run.acknowledge()
    }

    private func review(
        _ run: JobRun, _ job: JobDocument, because reason: String, _ data: [String: JSONValue]
    )
        async
        throws(AMQPError)
    {
        var event = run.event(.review, .review)
        event.message = reason
        event.data = data.isEmpty ? nil : data
        try await publishBoth(event) { () async throws(AMQPError) in
            try await publisher.publishForReview(job, run.envelope.next())
        }
        try await run.acknowledge()
    }

    /// Ends a job for which no attempt is left; a standing one is put off instead, when that may help.
    /// - Parameter cause: what the last attempt failed with.
    private func giveUp(
        _ run: JobRun, _ error: JobError, cause: ErrorCode, _ data: [String: JSONValue] = [:]
    ) async throws(AMQPError) -> String {
        guard run.job.isPutOff(for: cause, at: run.stage) else {
            try await deadLetter(run, error, data)
            return "dead"
        }
        try await reschedule(run, error, data)
        return "standing"
    }

    /// The job begins anew at the first stage, later, with a fresh budget. What waits longer than the longest tier
    /// passes through it several times.
    private func reschedule(_ run: JobRun, _ error: JobError, _ data: [String: JSONValue]) async throws(AMQPError) {
        let job = run.job.reschedule()
        let tries = job.standingTries ?? 1
        let next = Timestamp.now + standing.pause(after: tries)
        // What expires before is ended when it does, and not at the next try.
        let due = min(next, job.expiresAt ?? next)
        var envelope = run.envelope.next()
        (envelope.restarts, envelope.notBefore) = (0, due)
        var event = run.event(.waiting, .waiting, error: error)
        event.notBefore = due
        event.message = "not to be had now, put off \(tries) times: \(error.message)".prefix(
            utf8: JobError.longestMessage)
        event.data = data.merging(["standing_tries": .integer(Int64(tries))]) { $1 }
        try await publishBoth(event) { [envelope] () async throws(AMQPError) in
            try await publisher.publish(job, to: .match, after: due.since(.now), envelope)
        }
        try await run.acknowledge()
        run.logger.log(
            event: .jobPutOff, "a standing job was put off",
            metadata: [
                LogKey.code: .string(error.code.rawValue), LogKey.until: .string(due.description),
                "tries": .stringConvertible(tries),
            ])
    }

    private func deadLetter(
        _ run: JobRun, _ error: JobError, _ data: [String: JSONValue] = [:]
    )
        async
        throws(AMQPError)
    {
        var event = run.event(.deadLettered, .deadLetter, error: error)
        event.data = data.isEmpty ? nil : data
        try await publishBoth(event) { () async throws(AMQPError) in
            try await publisher.publish(run.deadLetter(error))
        }
        try await run.acknowledge()
        run.logger.log(
            event: .recoveryDeadLettered, level: .warning, "the job is a dead letter",
            metadata: [LogKey.code: .string(error.code.rawValue), LogKey.error: .string(error.message)])
    }

    private func endAsDuplicate(_ run: JobRun, _ path: String?) async throws(AMQPError) {
        var event = run.event(.duplicate, .duplicate)
        if let path { event.data = ["path": .string(path)] }
        try await publisher.publish(event)
        try await run.acknowledge()
    }

    private func end(
        _ run: JobRun, _ name: JobEvent.Name, _ state: JobState, message: String
    )
        async
        throws(AMQPError)
    {
        var event = run.event(name, state)
        event.message = message
        try await publisher.publish(event)
        try await run.acknowledge()
    }

    /// Publishes an event and a message side by side, so that two confirms cost the time of one.
    private func publishBoth(
        _ event: JobEvent, _ message: @Sendable () async throws(AMQPError) -> Void
    ) async throws(AMQPError) {
        async let announced: Void? = publisher.publish(event)
        try await message()
        do {
            _ = try await announced
        } catch {
            throw error as? AMQPError ?? AMQPError(.protocolError, "\(type(of: error))")
        }
    }
}
