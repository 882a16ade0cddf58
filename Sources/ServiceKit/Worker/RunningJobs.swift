import Contracts
import Synchronization

/// The runs of handlers in a worker, at most one for each job.
///
/// A run is bounded twice: by the visibility timeout, which progress renews, and by the hold limit of its delivery, which
/// nothing renews. A run that reaches the hold limit continues without its delivery.
final class RunningJobs: Sendable {
    /// Why a handler was cancelled.
    enum Stop: Sendable { case timedOut, shutdown, cancelled, leaseLost }

    /// How a run ended for its delivery.
    enum End: Sendable {
        case outcome(Outcome)
        case failed(any Error)
        /// The handler threw after it was stopped.
        case stopped(Stop)
        /// The hold limit was reached. The run continues.
        case held
    }

    struct Run {
        let number: Int
        let identity: RunIdentity
        var isCancellable: Bool
        let holdEnds: ContinuousClock.Instant
        var deadline: ContinuousClock.Instant
        var task: Task<Void, Never>?
        var delivery: CheckedContinuation<End, Never>?
        var done: Int64 = -1
        var renewed = Duration.zero
        var lastReport: ContinuousClock.Instant?
        var stop: Stop?

        /// Whether the run continues without its delivery.
        var isDetached = false
    }

    struct State {
        var runs: [JobID: Run] = [:]
        var nextNumber = 0
        var waiting: [JobID: [Int: CheckedContinuation<Void, Never>]] = [:]
    }

    let state = Mutex(State())
    let timeout: Duration
    let longestRenewed: Duration
    let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - longestRenewed: the time that renewals without progress can add.
    ///   - now: the time; tests pass their own.
    init(
        timeout: Duration, longestRenewed: Duration = .seconds(1200),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.timeout = timeout
        self.longestRenewed = longestRenewed
        self.now = now
    }

    /// The number of runs, with those that continue without their delivery.
    var count: Int { state.withLock { $0.runs.count } }

    /// Whether a run is in progress.
    func isRunning(_ number: Int) -> Bool { state.withLock { $0.runs.values.contains { $0.number == number } } }

    /// Waits until no run is in progress.
    func waitUntilIdle(until limit: ContinuousClock.Instant) async {
        while let job = state.withLock({ $0.runs.keys.first }), .now < limit { await waitForEnd(of: job, until: limit) }
    }

    /// The generations of the jobs that can be cancelled.
    var generations: [JobGeneration] {
        state.withLock { state in
            state.runs.values.filter { $0.stop == nil && $0.isCancellable }.map(\.identity.jobGeneration)
        }
    }

    /// Reserves a job, so that it does not run beside itself. Waits for the end of an earlier run, which may have lost its
    /// delivery a moment ago.
    /// - Returns: the number of the run; `nil` when the earlier run did not end in time, or continues without a delivery.
    func reserve(
        _ identity: RunIdentity, isCancellable: Bool, holdEnds: ContinuousClock.Instant, within patience: Duration
    ) async -> Int? {
        let limit = ContinuousClock.now + patience
        repeat {
            if let number = tryReserve(identity, isCancellable, holdEnds) { return number }
            if state.withLock({ $0.runs[identity.job]?.isDetached }) == true { return nil }
            await waitForEnd(of: identity.job, until: limit)
        } while .now < limit
        return tryReserve(identity, isCancellable, holdEnds)
    }

    private func tryReserve(
        _ identity: RunIdentity, _ isCancellable: Bool, _ holdEnds: ContinuousClock.Instant
    ) -> Int? {
        state.withLock { state in
            guard state.runs[identity.job] == nil else { return nil }
            state.nextNumber += 1
            state.runs[identity.job] = Run(
                number: state.nextNumber, identity: identity, isCancellable: isCancellable, holdEnds: holdEnds,
                deadline: now() + timeout)
            return state.nextNumber
        }
    }

    private func waitForEnd(of job: JobID, until limit: ContinuousClock.Instant) async {
        let id = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        let timer = Task {
            try? await Task.sleep(until: limit, clock: .continuous)
            self.state.withLock { $0.waiting[job]?.removeValue(forKey: id) }?.resume()
        }
        defer { timer.cancel() }
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.runs[job] != nil else { return true }
                state.waiting[job, default: [:]][id] = continuation
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Ends a reservation. Those that wait for the job continue.
    func release(_ job: JobID, _ number: Int) {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard state.runs[job]?.number == number else { return [] }
            state.runs[job] = nil
            return Array((state.waiting.removeValue(forKey: job) ?? [:]).values)
        }
        for continuation in waiting { continuation.resume() }
    }
}
