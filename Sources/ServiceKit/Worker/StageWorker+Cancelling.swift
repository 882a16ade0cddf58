import AMQP
import Contracts
import Logging

// Jobs that a person cancelled.
extension StageWorker {
    /// How often the markers of the running jobs are read.
    private static var pollInterval: Duration { .seconds(1) }
    /// When a failed cleanup is tried again.
    private static var cleanupPause: Duration { .seconds(60) }
    /// For how long after the cancellation the cleanup is tried.
    private static var cleanupTime: Duration { .seconds(86_400) }

    /// Stops the handlers of cancelled jobs. Runs until the task is cancelled.
    func stopCancelledJobs() async {
        guard let cancelled else { return }
        while (try? await Task.sleep(for: Self.pollInterval)) != nil {
            for generation in await cancelled.cancelled(among: running.generations) { running.cancel(generation) }
        }
    }

    /// Drops a message of a cancelled job, and removes the job's files.
    /// - Returns: the label of the outcome; `nil` for a job that was not cancelled, or can no longer be cancelled.
    func dropIfCancelled(_ run: inout JobRun) async throws(AMQPError) -> String? {
        guard let cancelled, await !cancelled.cancelled(among: [run.generation]).isEmpty else { return nil }
        if await cancelled.hasSuccessor(run.generation) { return try await drop(run) }
        do {
            guard try await handler.abandon(run.job) else {
                run.isPastCancelling = true
                return nil
            }
        } catch {
            run.logger.log(
                event: .workerFailed, level: .warning, "the work of a cancelled job cannot be stopped yet",
                metadata: [LogKey.error: .string("\(error)".prefix(utf8: 512))])
            if await cancelled.wasCancelled(run.job.jobID, within: Self.cleanupTime) {
                return try await settler.postpone(run, until: .now + Self.cleanupPause)
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
