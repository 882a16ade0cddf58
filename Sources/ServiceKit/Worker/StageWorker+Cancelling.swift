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
        while (try? await Task.sleep(for: Self.pollInterval)) != nil {
            for generation in await records.cancelled.cancelled(among: running.generations) {
                running.cancel(generation)
            }
        }
    }

    /// Ends the work of a cancelled job, and removes the job's files.
    /// - Returns: what happens to its message; `nil` for a job that was not cancelled, or can no longer be cancelled.
    func refusalOfCancelled(_ run: inout JobRun) async -> Refusal? {
        let cancelled = records.cancelled
        let drop = Refusal.drop(label: Self.cancelledLabel, because: "the job was cancelled")
        guard await !cancelled.cancelled(among: [run.generation]).isEmpty else { return nil }
        if await cancelled.hasSuccessor(run.generation) { return drop }
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
                return .postpone(Self.cleanupPause, due: .now + Self.cleanupPause)
            }
        }
        await cancelled.removeFiles(of: run.job.jobID)
        return drop
    }
}
