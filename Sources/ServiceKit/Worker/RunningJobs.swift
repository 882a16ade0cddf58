import Contracts
import Synchronization

/// The running handlers. A handler without progress for the visibility timeout is cancelled.
final class RunningJobs: Sendable {
    /// Why a handler was cancelled.
    enum Stop: Sendable { case timedOut, shutdown, cancelled }

    private struct Run {
        /// `nil` for a job that can no longer be cancelled.
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
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - longestRenewed: the time that renewals without progress can add. It must stay below the broker's own limit,
    ///     after which the broker closes the channel (30 minutes).
    ///   - now: the time; tests pass their own.
    init(
        timeout: Duration, longestRenewed: Duration = .seconds(1200),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.timeout = timeout
        self.longestRenewed = longestRenewed
        self.now = now
    }

    /// Runs a handler and waits for its end. If the caller is cancelled, the handler is cancelled at once.
    /// - Parameter generation: the job; `nil` when it can no longer be cancelled.
    /// - Returns: the outcome, or the reason why the handler was stopped if it threw after that.
    func run(
        _ number: Int, of generation: JobGeneration? = nil, _ body: @escaping @Sendable () async throws -> Outcome
    ) async -> Result<Outcome, RunFailure> {
        runs.withLock { $0[number] = Run(generation: generation, deadline: now() + timeout) }
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

    /// Records progress, which renews the timeout if `done` has grown.
    /// - Returns: whether the progress is to be published: at most once a second for each run.
    func recordProgress(_ number: Int, done: Int64) -> Bool {
        runs.withLock { runs in
            guard var run = runs[number], done > run.done else { return false }
            let now = now()
            run.done = done
            run.deadline = now + timeout
            let isDue = run.lastReport.map { now - $0 >= .seconds(1) } ?? true
            if isDue { run.lastReport = now }
            runs[number] = run
            return isDue
        }
    }

    /// Renews the timeout of a run without progress, as long as the renewals add up to at most `longestRenewed`.
    func renew(_ number: Int) {
        runs.withLock { runs in
            guard var run = runs[number], timeout * (run.renewals + 1) <= longestRenewed else { return }
            let deadline = now() + timeout
            // Several calls in a short time count as one.
            guard deadline - run.deadline >= timeout / 4 else { return }
            run.renewals += 1
            run.deadline = deadline
            runs[number] = run
        }
    }

    /// Counts bytes from zero again, as another transfer begins. Does not renew the timeout.
    func resetProgress(_ number: Int) { runs.withLock { $0[number]?.done = -1 } }

    /// Cancels runs past their deadline. Runs until the task is cancelled.
    func cancelTimedOut() async {
        let interval = min(timeout / 4, .seconds(1))
        while (try? await Task.sleep(for: interval)) != nil { checkDeadlines() }
    }

    /// Cancels the runs that are past their deadline now.
    func checkDeadlines() {
        let now = now()
        stop(.timedOut) { _, run in run.deadline <= now }
    }

    /// The running jobs that can be cancelled.
    var generations: [JobGeneration] { runs.withLock { $0.values.compactMap { $0.stop == nil ? $0.generation : nil } } }

    /// Cancels the run of a job that a person cancelled.
    func cancel(_ generation: JobGeneration) { stop(.cancelled) { _, run in run.generation == generation } }

    /// Cancels every run.
    func stopAll() { stop(.shutdown) { _, _ in true } }

    private func stop(_ reason: Stop, where isAffected: (Int, Run) -> Bool) {
        let tasks = runs.withLock { runs in
            runs.filter { $0.value.stop == nil && isAffected($0.key, $0.value) }.compactMap { number, run in
                runs[number]?.stop = reason
                return run.task
            }
        }
        for task in tasks { task.cancel() }
    }
}

/// How a handler ended without an outcome.
enum RunFailure: Error {
    case stopped(RunningJobs.Stop)
    case failed(any Error)
}
