import Contracts
import Synchronization

/// The handlers at work, and the watch over them: one that makes no progress for the visibility timeout is cancelled.
final class RunningJobs: Sendable {
    /// Why a handler was cancelled.
    enum Stop: Sendable { case timedOut, shutdown, cancelled }

    private struct Run {
        /// `nil` for one that cannot be cancelled.
        var generation: JobGeneration?
        var task: Task<Outcome, any Error>?
        var deadline: ContinuousClock.Instant
        var done: Int64 = -1
        var renewals = 0
        var lastReport: ContinuousClock.Instant?
        var stop: Stop?
    }

    private let runs = Mutex<[Int: Run]>([:])
    private let timeout: Duration

    private let longestRenewed: Duration

    /// - Parameter longestRenewed: how much time renewals without progress may add; the broker takes a message back that
    ///   nobody acknowledges for half an hour.
    init(timeout: Duration, longestRenewed: Duration = .seconds(1200)) {
        self.timeout = timeout
        self.longestRenewed = longestRenewed
    }

    /// Runs a handler and waits for its end; cancelling the caller is a shutdown that grants no time.
    /// - Parameter life: whose job it is; `nil` when it is past cancelling.
    /// - Returns: its outcome, or why it was stopped when it ended because of that.
    func run(
        _ number: Int, of generation: JobGeneration? = nil, _ body: @escaping @Sendable () async throws -> Outcome
    ) async -> Result<Outcome, RunFailure> {
        runs.withLock { $0[number] = Run(generation: generation, deadline: .now + timeout) }
        let task = Task { try await body() }
        runs.withLock { runs in
            runs[number]?.task = task
            if runs[number]?.stop != nil { task.cancel() }
        }
        let result = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            self.stop(.shutdown) { key, _ in key == number }
        }
        let stop = runs.withLock { $0.removeValue(forKey: number)?.stop }
        switch (result, stop) {
        case (.success(let outcome), _): return .success(outcome)
        case (.failure, let stop?): return .failure(.stopped(stop))
        case (.failure(let error), nil): return .failure(.failed(error))
        }
    }

    /// Notes progress.
    /// - Returns: whether it is time to tell the world, at most once a second for a job.
    func progressed(_ number: Int, done: Int64) -> Bool {
        runs.withLock { runs in
            guard var run = runs[number], done > run.done else { return false }
            let now = ContinuousClock.now
            run.done = done
            run.deadline = now + timeout
            let isDue = run.lastReport.map { now - $0 >= .seconds(1) } ?? true
            if isDue { run.lastReport = now }
            runs[number] = run
            return isDue
        }
    }

    /// Notes that work goes on although there is no progress to tell: so often that a job is held for no more than some
    /// twenty minutes by it.
    func renewed(_ number: Int) {
        runs.withLock { runs in
            guard var run = runs[number], timeout * (run.renewals + 1) <= longestRenewed else { return }
            let deadline = ContinuousClock.now + timeout
            // Many at once are one.
            guard deadline - run.deadline >= timeout / 4 else { return }
            run.renewals += 1
            run.deadline = deadline
            runs[number] = run
        }
    }

    /// The bytes of a run are counted from nothing again, as another transfer begins. Does not renew its time.
    func beganAnew(_ number: Int) { runs.withLock { $0[number]?.done = -1 } }

    /// Cancels what is past its deadline, until the task is cancelled.
    func watch() async {
        let step = min(timeout / 4, .seconds(1))
        while (try? await Task.sleep(for: step)) != nil {
            stop(.timedOut) { _, run in run.deadline <= .now }
        }
    }

    /// The jobs in hand that can be cancelled.
    var generations: [JobGeneration] { runs.withLock { $0.values.compactMap { $0.stop == nil ? $0.generation : nil } } }

    /// Cancels what runs for a job that somebody cancelled.
    func cancel(_ generation: JobGeneration) { stop(.cancelled) { _, run in run.generation == generation } }

    /// Cancels everything.
    func stopAll() { stop(.shutdown) { _, _ in true } }

    private func stop(_ reason: Stop, where isMeant: (Int, Run) -> Bool) {
        let tasks = runs.withLock { runs in
            runs.filter { $0.value.stop == nil && isMeant($0.key, $0.value) }.compactMap { number, run in
                runs[number]?.stop = reason
                return run.task
            }
        }
        for task in tasks { task.cancel() }
    }
}

/// How a handler ended without a word.
enum RunFailure: Error {
    case stopped(RunningJobs.Stop)
    case failed(any Error)
}
