import AMQP
import Contracts
import Files
import Logging

// A thousand jobs that wait for their handlers hold the frames of these functions. Work before and after the wait is
// therefore in functions that are not inlined.
extension StageWorker {
    /// Takes a delivery through its stages: read, admit, run, settle.
    /// - Returns: the label of the outcome in metrics.
    func outcome(of delivery: Delivery, _ permit: RunPermit) async -> String {
        guard var run = await read(delivery) else {
            permit.end()
            return "invalid"
        }
        if run.delivery.mayBeGone {
            await publishIfGone(run)
            permit.end()
            return "lost"
        }
        let label: String
        switch await admission(of: &run) {
        case .refused(let refusal): label = await carryOut(refusal, for: run)
        case .run(let alone): label = await enterAndWork(run, permit, alone: alone)
        }
        permit.endWithDelivery()
        return label
    }

    private func enterAndWork(_ run: JobRun, _ permit: RunPermit, alone: Bool) async -> String {
        guard await gate.enter(alone: alone, within: patience(alone: alone)) else {
            return await carryOut(.postpone(RetryTier.m1.delay), for: run)
        }
        permit.add { [gate] in gate.leave() }
        return await reserveAndWork(run, permit, alone: alone)
    }

    private func patience(alone: Bool) -> Duration {
        min(runtime.settings.holdLimit / 4, alone ? .seconds(60) : .seconds(300))
    }

    private func reserveAndWork(_ run: JobRun, _ permit: RunPermit, alone: Bool) async -> String {
        let number = await running.reserve(
            run.identity, isCancellable: !run.isPastCancelling, holdEnds: run.holdEnds,
            within: min(.seconds(5), runtime.settings.holdLimit / 4))
        guard let number else { return await carryOut(.postpone(RetryTier.s5.delay, keepsRun: true), for: run) }
        guard mayStart else {
            running.release(run.job.jobID, number)
            return await carryOut(.giveBack, for: run)
        }
        return await work(run, number, permit, alone: alone)
    }

    /// Runs the handler and settles the delivery with its outcome.
    private func work(_ run: JobRun, _ number: Int, _ permit: RunPermit, alone: Bool) async -> String {
        var begun = run
        begun.began = .now
        let run = begun
        await record(run) { try $0.journal.begin(run.step, alone: alone) }
        run.delivery.onLoss { [running] _ in running.loseLease(number) }
        let end = await perform(run, number, permit)
        if case .held = end {
            permit.keep()
            return await giveBack(run, number)
        }
        let label = await conclude(run, end)
        running.release(run.job.jobID, number)
        return label
    }

    private func perform(_ run: JobRun, _ number: Int, _ permit: RunPermit) async -> RunningJobs.End {
        let emitter = JobEventEmitter(runtime.publisher, job: run.job.jobID, stage: stage)
        let started = Task { await announceStart(run) }
        defer { started.cancel() }
        let context = context(of: run, number, emitter)
        let detached: @Sendable (RunningJobs.End) async -> Void = { end in
            await self.store(end, of: run, number)
            permit.end()
        }
        return await running.run(run.job.jobID, number, detached: detached) { [handler] in
            try await handler.handle(run.job, context)
        }
    }

    /// Publishes the start of work that is longer than a second. The event is transient, and nothing waits for it.
    private func announceStart(_ run: JobRun) async {
        guard (try? await Task.sleep(for: .seconds(1))) != nil else { return }
        runtime.publisher.post(run.event(.started, stage.runningState))
    }

    @inline(never)
    private func context(of run: JobRun, _ number: Int, _ emitter: JobEventEmitter) -> JobContext {
        let job = run.job.jobID
        return JobContext(
            stage: stage, attempt: run.envelope.attempt, requeues: run.envelope.requeues, worker: runtime.instance,
            logger: run.logger, holdEnds: run.holdEnds - runtime.settings.holdLimit / 5,
            renewal: { [running] in running.renew(job, number) },
            emit: { [running] update in
                switch update {
                case .activity(let phase, let peer, let place):
                    if phase == .starting { running.resetProgress(job, number) }
                    emitter.activity(phase, peer: peer, place: place)
                case .step(let message): emitter.emit(run.historyStep(message))
                }
            },
            report: { [running] done, total in
                if running.recordProgress(job, number, done: done) { emitter.progress(done: done, total: total) }
            })
    }

    @inline(never)
    private func conclude(_ run: JobRun, _ end: RunningJobs.End) async -> String {
        switch end {
        case .outcome(let outcome): return await settle(run, outcome)
        case .failed(let error):
            if !(error is JobError) {
                run.logger.log(
                    event: .workerFailed, level: .error, "a handler failed unexpectedly",
                    metadata: [LogKey.error: .string(String(describing: error).prefix(utf8: 512))])
            }
            return await settle(run, Outcome(error))
        case .stopped(.timedOut):
            let seconds = Int(running.timeout / .seconds(1))
            return await settle(run, .retry(JobError(.timeout, "no progress for \(seconds) s")))
        case .stopped(.cancelled):
            // A job that can no longer be cancelled returns to its queue.
            var run = run
            if let refusal = await refusalOfCancelled(&run) { return await carryOut(refusal, for: run) }
            return await carryOut(.giveBack, for: run)
        case .stopped(.leaseLost):
            await record(run) { try $0.journal.end(run.step) }
            await publishIfGone(run)
            return "lost"
        case .stopped(.shutdown), .held: return await carryOut(.giveBack, for: run)
        }
    }

    /// Writes the journal, also while the service is cancelled: otherwise the end of a run would look like a crash.
    func record(_ run: JobRun, _ body: @escaping @Sendable (JobRecords) throws -> Void) async {
        do {
            try await BlockingPool.markers.runUncancelled(within: .seconds(5)) { [records] in try body(records) }
        } catch {
            // Without the entry, a crash is not counted, or a step is repeated.
            run.logger.log(
                event: .workerFailed, level: .warning, "cannot write the journal of the worker",
                metadata: [LogKey.error: .string("\(error)".prefix(utf8: 512))])
        }
    }
}
