import AMQP
import Contracts
import Files
import Logging

// The settlement of a delivery.
extension StageWorker {
    /// Settles a delivery with the outcome of its run.
    /// - Returns: the label of the outcome in metrics.
    func settle(_ run: JobRun, _ outcome: Outcome) async -> String {
        switch outcome {
        case .deadLetter(let error, _), .retry(let error, _, _, _):
            suspectVolumes(after: error)
            // A job that was cancelled in the meantime must not become a dead letter.
            var run = run
            if let refusal = await refusalOfCancelled(&run) { return await carryOut(refusal, for: run) }
        default: break
        }
        let plan: SettlementPlan
        do {
            plan = try planner.plan(outcome, of: run)
        } catch {
            let problem = JobError(.invalidPayload, "the document of the outcome cannot be published: \(error)")
            return await perform(planner.deadLetter(run, problem), .deadLetter(problem), run)
        }
        return await perform(plan, outcome, run)
    }

    /// The failure may be that of a volume, which the readiness checks then examine by writing to it.
    private func suspectVolumes(after error: JobError) {
        guard [.diskFull, .permissionDenied, .internalError].contains(error.code) else { return }
        runtime.readiness.suspectVolumes()
    }

    /// Carries out what happens to a delivery whose handler does not run, or was stopped.
    func carryOut(_ refusal: Refusal, for run: JobRun) async -> String {
        switch refusal {
        case .drop(let label, let reason):
            await settlement.acknowledge(run)
            await removeStored(run, onlyPublished: true)
            let event: LogEventName = label == Self.cancelledLabel ? .jobCancelled : .dedupeSkipped
            run.logger.log(event: event, "\(reason); its message was dropped")
            return label
        case .settle(let outcome):
            return await removingStored(run, after: await settle(run, outcome))
        case .end(let error):
            return await removingStored(run, after: await perform(planner.deadLetter(run, error), nil, run))
        case .postpone(let pause, let due, let keepsRun):
            do {
                let plan = try planner.postpone(run, for: pause, due: due, keepsRun: keepsRun)
                return await perform(plan, nil, run)
            } catch {
                return await giveBack(run)
            }
        case .giveBack: return await giveBack(run)
        }
    }

    /// The label of a message of a cancelled job.
    static var cancelledLabel: String { "cancelled" }

    /// The labels of deliveries that come again.
    private static var unsettled: Set<String> { ["lost", "requeued"] }

    /// - Parameter outcome: is stored if the delivery is lost; `nil` for what costs nothing to decide again.
    private func perform(_ plan: SettlementPlan, _ outcome: Outcome?, _ run: JobRun) async -> String {
        do throws(Settlement.Failure) {
            return try await settlement.perform(plan, for: run)
        } catch {
            switch error {
            case .lost(let isPublished):
                await record(run) { try $0.journal.end(run.step) }
                if let outcome { await store(outcome, of: run, isPublished: isPublished) }
                if !isPublished { await publishIfGone(run) }
                return "lost"
            case .impossible(let problem):
                reject(run.delivery, "\(problem)")
                return "invalid"
            case .unmarked(let problem):
                run.logger.log(
                    event: .workerFailed, level: .error, "an ending cannot be marked; the job returns to its queue",
                    metadata: [LogKey.error: .string(problem.message)])
                runtime.readiness.suspectVolumes()
                return await giveBack(run)
            }
        }
    }

    /// Publishes a job whose queue was deleted while this process held its message. If the queue was not deleted, the
    /// broker has the message twice, which has no effect.
    func publishIfGone(_ run: JobRun) async {
        guard run.delivery.mayBeGone,
            let plan = try? planner.postpone(run, for: RetryTier.s5.delay, due: run.envelope.notBefore, keepsRun: true),
            let next = plan.followUp
        else { return }
        await passEnding(of: run, to: next.message)
        var pause = Duration.milliseconds(200)
        while true {
            do throws(AMQPError) {
                try await runtime.publisher.publish(next.message, to: next.exchange, key: next.key)
                run.logger.log(
                    event: .workerFailed, level: .warning,
                    "the broker cancelled the consumer while the job was in hand; the job was published again")
                return
            } catch {
                guard error.isRetriable || error.code == .unroutable, !isStopping.withLock({ $0 }) else {
                    run.logger.log(
                        event: .workerFailed, level: .error, "a job whose queue was deleted cannot be published again",
                        metadata: [LogKey.error: .string("\(error)")])
                    return
                }
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(5))
        }
    }

    /// Lets the copy of a message end the generation that the message had marked as ended.
    private func passEnding(of run: JobRun, to copy: Message) async {
        guard let id = copy.properties.messageID else { return }
        do {
            try await BlockingPool.markers.runUncancelled(within: .seconds(5)) { [records] in
                try records.endings.pass(run.generation, from: run.messageID, to: id)
            }
        } catch {
            run.logger.log(
                event: .workerFailed, level: .error, "the marker of an ending cannot be changed",
                metadata: [LogKey.error: .string("\(error)".prefix(utf8: 512))])
        }
    }

    /// Returns the message to its queue after a moment, which limits the rate.
    private func giveBack(_ run: JobRun) async -> String {
        await record(run) { try $0.journal.end(run.step) }
        if run.delivery.mayBeGone {
            await publishIfGone(run)
            return "lost"
        }
        if !isStopping.withLock({ $0 }) { try? await Task.sleep(for: .seconds(1)) }
        run.delivery.nack(requeue: true)
        return "requeued"
    }

    // MARK: - Runs that continue without their delivery

    /// Gives the message of a run back that reached the hold limit. The run continues under the lock of its job.
    func giveBack(_ run: JobRun, _ number: Int) async -> String {
        do {
            let plan = try planner.postpone(
                run, for: RetryTier.s5.delay, keepsRun: true, label: Outcome.handBack(run.job).name)
            try await detachedLocks.lock(run.job.jobID, records.locks)
            await continueJournal(of: run, with: plan, number)
            // The run may have ended before it was locked.
            if !running.isRunning(number) { await detachedLocks.unlock(run.job.jobID) }
            _ = await perform(plan, nil, run)
            CrashPoint.pass(.handbackPublished)
        } catch {
            run.logger.log(
                event: .workerFailed, level: .error, "a job at the hold limit cannot be locked; its handler is stopped",
                metadata: [LogKey.error: .string("\(error)".prefix(utf8: 512))])
            running.stop(.shutdown) { $0.number == number }
            _ = await carryOut(.giveBack, for: run)
        }
        return Outcome.handBack(run.job).name
    }

    /// Records the run under the step of the message that was given back, so that a crash is still counted.
    private func continueJournal(of run: JobRun, with plan: SettlementPlan, _ number: Int) async {
        var next = run.step.run
        next.hop += 1
        let step = DeliveredStep(next, messageID: plan.followUp?.message.properties.messageID ?? "")
        await record(run) { try $0.journal.begin(step, alone: false) }
        detachedSteps.withLock { $0[number] = step }
        if !running.isRunning(number) { await endJournal(of: run, number) }
    }

    private func endJournal(of run: JobRun, _ number: Int) async {
        guard let step = detachedSteps.withLock({ $0.removeValue(forKey: number) }) else { return }
        await record(run) { try $0.journal.end(step) }
    }

    /// Stores the outcome of a run that continued without its delivery, and ends its lock.
    func store(_ end: RunningJobs.End, of run: JobRun, _ number: Int) async {
        switch end {
        case .outcome(let outcome): await store(outcome, of: run, isPublished: false)
        case .failed(let error): await store(Outcome(error), of: run, isPublished: false)
        case .stopped(.timedOut):
            let error = JobError(.timeout, "no progress for \(Int(running.timeout / .seconds(1))) s")
            await store(.retry(error), of: run, isPublished: false)
        // The next delivery runs the handler again.
        case .stopped, .held: break
        }
        running.release(run.job.jobID, number)
        await endJournal(of: run, number)
        await detachedLocks.unlock(run.job.jobID)
    }

    private func store(_ outcome: Outcome, of run: JobRun, isPublished: Bool) async {
        var stored = StoredOutcome(outcome, of: run.identity)
        stored.isPublished = isPublished
        do {
            // A volume that hangs must not delay the end of the service.
            let patience = Task.isCancelled ? .seconds(5) : Self.patience
            try await BlockingPool.markers.runUncancelled(within: patience) { [records, stored] in
                try records.outcomes.store(stored, of: run.job.jobID)
                CrashPoint.pass(.outcomeStored)
            }
        } catch {
            run.logger.log(
                event: .workerFailed, level: .warning, "an outcome cannot be stored; the step is repeated",
                metadata: [LogKey.error: .string("\(error)".prefix(utf8: 512))])
        }
    }

    private func removingStored(_ run: JobRun, after label: String) async -> String {
        if !Self.unsettled.contains(label) { await removeStored(run) }
        return label
    }

    private func removeStored(_ run: JobRun, onlyPublished: Bool = false) async {
        // One that stays is of a run that does not come again.
        try? await BlockingPool.markers.run(within: Self.patience) { [records] in
            try records.outcomes.remove(of: run.identity, onlyPublished: onlyPublished)
        }
    }
}
