import AMQP
import Contracts
import Logging

// A thousand jobs that wait for their handlers hold the frames of these functions. Work before and after the wait is
// therefore in functions that are not inlined.
extension StageWorker {
    /// Runs the handler and settles the delivery with its outcome.
    func work(_ run: JobRun) async throws(AMQPError) -> String {
        var run = run
        let emitter = startEmitting(run)
        run.emitter = emitter
        let result = await perform(run, emitter)
        return try await conclude(run, result)
    }

    /// Publishes the start while the handler already runs. Its confirm is awaited before the ack, as for every event.
    @inline(never)
    private func startEmitting(_ run: JobRun) -> JobEventEmitter {
        let emitter = JobEventEmitter(runtime.publisher, job: run.job.jobID, stage: stage)
        emitter.emit(run.event(.started, stage.runningState))
        return emitter
    }

    private func perform(_ run: JobRun, _ emitter: JobEventEmitter) async -> Result<Outcome, RunFailure> {
        let number = nextRunNumber()
        let context = context(of: run, number, emitter)
        return await running.run(number, of: run.isPastCancelling ? nil : run.generation) { [handler] in
            try await handler.handle(run.job, context)
        }
    }

    @inline(never)
    private func context(of run: JobRun, _ number: Int, _ emitter: JobEventEmitter) -> JobContext {
        JobContext(
            stage: stage, attempt: run.envelope.attempt, requeues: run.envelope.requeues, worker: runtime.instance,
            logger: run.logger, renewal: { [running] in running.renew(number) },
            emit: { [running] update in
                switch update {
                case .activity(let phase, let peer, let place):
                    if phase == .starting { running.resetProgress(number) }
                    emitter.activity(phase, peer: peer, place: place)
                case .step(let message): emitter.emit(run.step(message))
                }
            },
            report: { [running] done, total in
                if running.recordProgress(number, done: done) { emitter.progress(done: done, total: total) }
            })
    }

    @inline(never)
    private func conclude(_ run: JobRun, _ result: Result<Outcome, RunFailure>) async throws(AMQPError) -> String {
        switch result {
        case .success(let outcome): return try await end(run, outcome)
        case .failure(.stopped(let reason)): return try await end(run, stopped: reason)
        case .failure(.failed(let error)):
            if !(error is JobError) {
                run.logger.log(
                    event: .workerFailed, level: .error, "a handler failed unexpectedly",
                    metadata: [LogKey.error: .string(String(describing: error).prefix(utf8: 512))])
            }
            return try await end(run, Outcome(error))
        }
    }

    private func end(_ run: JobRun, _ outcome: Outcome) async throws(AMQPError) -> String {
        switch outcome {
        case .deadLetter, .retry:
            // A job that was cancelled in the meantime must not become a dead letter.
            var run = run
            if let label = try await dropIfCancelled(&run) { return label }
        default: break
        }
        return try await settler.settle(run, outcome)
    }

    private func end(_ run: JobRun, stopped reason: RunningJobs.Stop) async throws(AMQPError) -> String {
        switch reason {
        case .timedOut:
            let seconds = Int(settings.visibilityTimeout / .seconds(1))
            return try await end(run, .retry(JobError(.timeout, "no progress for \(seconds) s")))
        case .cancelled:
            // A job that can no longer be cancelled returns to its queue.
            var run = run
            if let label = try await dropIfCancelled(&run) { return label }
        case .shutdown: break
        }
        run.delivery.nack(requeue: true)
        return "requeued"
    }
}
