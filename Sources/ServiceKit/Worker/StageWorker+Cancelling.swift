import AMQP
import Contracts
import Logging

// Jobs that somebody cancelled.
extension StageWorker {
    /// Between two looks at the jobs in hand.
    private static var pause: Duration { .seconds(1) }
    /// Before what could not be cleared up is tried again.
    private static var clearingPause: Duration { .seconds(60) }
    /// For how long after the cancelling that is tried.
    private static var clearingTime: Duration { .seconds(86_400) }

    /// Stops the handlers of jobs that are cancelled, until the task is cancelled.
    func watchCancellations() async {
        guard let cancelled else { return }
        while (try? await Task.sleep(for: Self.pause)) != nil {
            for generation in await cancelled.among(running.generations) { running.cancel(generation) }
        }
    }

    /// Drops a message of a cancelled job, and what the job has made so far.
    /// - Returns: the label of its end; `nil` for a job that was not cancelled, or is past cancelling.
    func dropIfCancelled(_ run: inout JobRun) async throws(AMQPError) -> String? {
        guard let cancelled, await !cancelled.among([run.generation]).isEmpty else { return nil }
        if await cancelled.hasSuccessor(run.generation) { return try await drop(run) }
        do {
            guard try await handler.abandon(run.job) else {
                run.isPastCancelling = true
                return nil
            }
        } catch {
            run.logger.log(
                event: .workerFailed, level: .warning, "what a cancelled job has begun cannot be ended yet",
                metadata: [LogKey.error: .string("\(error)".prefix(utf8: 512))])
            if await cancelled.wasNoted(run.job.jobID, within: Self.clearingTime) {
                return try await settler.postpone(run, until: .now + Self.clearingPause)
            }
        }
        await cancelled.removeFiles(of: run.job.jobID)
        return try await drop(run)
    }

    private func drop(_ run: JobRun) async throws(AMQPError) -> String {
        try await run.acknowledge()
        run.logger.log(event: .jobCancelled, "the job was cancelled; its message was dropped")
        return "cancelled"
    }
}

extension JobRun {
    var generation: JobGeneration { JobGeneration(job: job.jobID, requeues: envelope.requeues) }
}
