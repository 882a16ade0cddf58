import AMQP
import Contracts
import Files
import Foundation
import Logging

// A delivery from its validation to the decision whether its handler runs.
extension StageWorker {
    /// What happens to a delivery instead of a run of its handler.
    enum Refusal: Sendable {
        /// The message has no effect any more: it is acknowledged.
        case drop(label: String, because: String)
        /// The job ends, or continues, with an outcome that is known.
        case settle(Outcome)
        /// The generation ended with this message before a crash.
        case end(JobError)
        /// The job returns later with the same attempt.
        case postpone(Duration, due: Timestamp? = nil, keepsRun: Bool = false)
        /// The message returns to its queue.
        case giveBack
    }

    /// Decodes the job document.
    /// - Returns: `nil` for a document that breaks the contract; it becomes a dead letter.
    func read(_ delivery: Delivery) async -> JobRun? {
        let envelope = JobEnvelope(delivery)
        if let problem = delivery.problem {
            reject(delivery, "\(problem)")
            return nil
        }
        do throws(ContractViolation) {
            let body = try JobBody(delivery.message.body)
            return JobRun(
                delivery: delivery, envelope: envelope, body: body, stage: stage, worker: runtime.instance,
                logger: runtime.logger.with(
                    body.document, stage: stage, attempt: envelope.attempt, traceparent: envelope.traceparent),
                holdEnds: delivery.receivedAt + runtime.settings.holdLimit)
        } catch {
            await deadLetter(delivery, envelope, error)
            return nil
        }
    }

    private func deadLetter(_ delivery: Delivery, _ envelope: JobEnvelope, _ violation: ContractViolation) async {
        let error = JobError(.invalidPayload, violation.description)
        let letter = DeadLetter(
            delivery.message, kind: .invalid, place: stage.rawValue, error: error, envelope: envelope,
            worker: runtime.instance)
        do throws(Settlement.Failure) {
            try await settlement.publish(letter, delivery, until: delivery.receivedAt + runtime.settings.holdLimit)
            delivery.ack()
            log(.intakeRejected, "a message breaks the contract and became a dead letter", error.message)
        } catch {
            if case .impossible = error { reject(delivery, violation.description) }
        }
    }

    /// Leaves a message that cannot be published again to the broker's own dead-lettering, with its whole body.
    func reject(_ delivery: Delivery, _ problem: String) {
        delivery.reject()
        log(.intakeRejected, "a message cannot be read and was rejected", problem)
    }

    private func log(_ event: LogEventName, _ text: String, _ error: String) {
        runtime.logger.log(
            event: event, level: .warning, "\(text)",
            metadata: [LogKey.stage: .string(stage.rawValue), LogKey.error: .string(error.prefix(utf8: 512))])
    }

    /// Whether the handler of a delivery runs now.
    enum Admission: Sendable {
        /// It runs; `alone` if no other handler may run in the process.
        case run(alone: Bool)
        case refused(Refusal)
    }

    func admission(of run: inout JobRun) async -> Admission {
        let facts: JobFacts
        do {
            if run.envelope.isMoved, try await !claimMoved(run) {
                let reason = "the job was restarted after this message became a dead letter"
                return .refused(.drop(label: "stale", because: reason))
            }
            facts = try await BlockingPool.markers.run(within: Self.patience) { [records, run] in
                try records.facts(of: run)
            }
        } catch {
            run.logger.log(
                event: .workerFailed, level: .error, "the markers of the job cannot be read; it returns to its queue",
                metadata: [LogKey.error: .string("\(error)".prefix(utf8: 512))])
            return .refused(.giveBack)
        }
        if facts.finishedGeneration != nil { await records.cancelled.removeFiles(of: run.job.jobID) }
        if let refusal = refusal(of: run, facts) { return .refused(refusal) }
        if let refusal = await refusalOfCancelled(&run) { return .refused(refusal) }
        if let refusal = refusalOfTime(run) ?? refusalOfCrashes(facts) { return .refused(refusal) }
        return .run(alone: facts.history.crashes > 1)
    }

    /// How long the downloads volume may take for the markers of a job.
    static var patience: Duration { .seconds(30) }

    private func refusal(of run: JobRun, _ facts: JobFacts) -> Refusal? {
        if facts.isStale { return .drop(label: "stale", because: "the job was restarted since") }
        if let finished = facts.finishedGeneration {
            // Somebody restarted a job whose file is in the library: without an event it would be shown as queued.
            guard run.envelope.requeues <= finished else { return .settle(.duplicate(path: nil)) }
            return .drop(label: "repeated", because: "the job has ended")
        }
        if facts.isSettled { return .drop(label: "repeated", because: "the step was settled before a crash") }
        if let ending = facts.ending {
            guard ending.isOwn else {
                return .drop(label: "repeated", because: "another message of the job became a dead letter")
            }
            return .end(ending.error)
        }
        if let stored = facts.stored {
            if stored.isPublished { return .drop(label: "repeated", because: "the outcome was published before") }
            if let outcome = stored.outcome { return .settle(outcome) }
        }
        if facts.isLocked { return .postpone(RetryTier.s5.delay, keepsRun: true) }
        return nil
    }

    /// Claims the next generation for a message that an operator moved from a dead-letter queue to a work queue.
    /// - Returns: `false` when the job was restarted in another way.
    private func claimMoved(_ run: JobRun) async throws -> Bool {
        try await BlockingPool.markers.run(within: Self.patience) { [claims = records.claims] in
            let isOwn = try claims.claim(
                run.envelope.requeues, of: run.job.jobID, claimant: "moved \(run.messageID)")
            CrashPoint.pass(.generationClaimed)
            return isOwn
        }
    }

    private func refusalOfTime(_ run: JobRun) -> Refusal? {
        // At the last stage the file may be in the library already; the handler decides.
        if let expiry = run.job.expiresAt, expiry < .now, stage.next != nil {
            return .settle(.deadLetter(JobError(.expired, "the job expired at \(expiry)")))
        }
        guard let due = run.envelope.notBefore else { return nil }
        let pause = due.since(.now)
        return pause > .milliseconds(500) ? .postpone(pause, due: due) : nil
    }

    private func refusalOfCrashes(_ facts: JobFacts) -> Refusal? {
        // A crash after the file came into the library must not make a dead letter of a job that is completed.
        guard facts.history.crashesAlone >= Self.mostCrashes, !facts.isInLibrary else { return nil }
        return .settle(
            .deadLetter(
                JobError(
                    .internalError,
                    "crash_loop: \(facts.history.crashesAlone) processes crashed while they worked on this job alone"),
                data: ["cause": "crash_loop"]))
    }

    /// How many crashes of a job that ran alone end it.
    private static var mostCrashes: Int { 3 }
}

extension Delivery {
    /// The time since the message was published, to the second as in AMQP.
    var waited: Duration? {
        message.properties.timestamp.map { .seconds(max(0, Date().timeIntervalSince1970 - Double($0))) }
    }
}
