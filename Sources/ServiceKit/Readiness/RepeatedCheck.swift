import Synchronization

/// One check of a service. It runs in a task of its own, at most once at a time, and counts as failing after its
/// deadline.
///
/// A check that hangs, for example in a call to a frozen volume, is not started again until it returns. So it occupies
/// one task and one thread at most, however long it hangs.
final class RepeatedCheck: Sendable {
    typealias Waiter = CheckedContinuation<Void, Never>

    fileprivate struct State {
        enum Phase { case idle, running, overdue }

        var phase = Phase.idle
        /// Counts the runs, so that the deadline of an earlier run has no effect on a later one.
        var run = 0
        var started: ContinuousClock.Instant?
        /// Callers that wait for the run in progress.
        var waiting: [Waiter] = []
        /// Whether the check runs again after the run in progress.
        var mustRepeat = false
        /// Callers that wait for the repetition.
        var waitingForRepetition: [Waiter] = []
    }

    let name: String
    let deadline: Duration
    private let interval: Duration
    private let body: Readiness.Check
    private let record: @Sendable (CheckResult) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - deadline: at most 10 seconds.
    ///   - interval: the shortest time between two runs that ``runIfDue()`` starts.
    ///   - record: receives each result in order. Runs under a lock, so it must not call this check.
    init(
        _ name: String, deadline: Duration, interval: Duration, _ body: @escaping Readiness.Check,
        record: @escaping @Sendable (CheckResult) -> Void
    ) {
        self.name = name
        self.deadline = min(deadline, .seconds(10))
        self.interval = interval
        self.body = body
        self.record = record
    }

    /// The time after which a result counts as stale, if the check is due every `poll`.
    func staleAfter(_ poll: Duration) -> Duration { max(interval, poll) + deadline + .seconds(2) }

    /// Starts a run unless one is in progress or the last one began less than the interval ago.
    func runIfDue() {
        let run = state.withLock { state -> Int? in
            guard state.phase == .idle, state.started.map({ $0.duration(to: .now) >= interval }) ?? true else {
                return nil
            }
            return state.begin()
        }
        if let run { start(run) }
    }

    /// Starts a run now. If one is in progress, another one follows it.
    func runNow() { request(nil) }

    /// Starts a run like ``runNow()`` and waits for its result, at most until its deadline.
    func runAndWait() async { await withCheckedContinuation { request($0) } }

    private func request(_ waiter: Waiter?) {
        enum Step { case start(Int), wait, giveUp }
        let step = state.withLock { state -> Step in
            switch state.phase {
            case .idle:
                state.waiting += [waiter].compactMap(\.self)
                return .start(state.begin())
            case .running:
                state.mustRepeat = true
                state.waitingForRepetition += [waiter].compactMap(\.self)
                return .wait
            case .overdue:
                state.mustRepeat = true
                return .giveUp
            }
        }
        switch step {
        case .start(let run): start(run)
        case .wait: break
        case .giveUp: waiter?.resume()
        }
    }

    private func start(_ run: Int) {
        let timer = Task { [deadline] in
            guard (try? await Task.sleep(for: deadline)) != nil else { return }
            self.expire(run)
        }
        Task {
            let result = await body()
            timer.cancel()
            self.end(run, result)
        }
    }

    private func end(_ run: Int, _ result: CheckResult) {
        let (waiting, next) = state.withLock { state -> ([Waiter], Int?) in
            record(result)
            state.phase = .idle
            let waiting = state.waiting
            state.waiting = state.waitingForRepetition
            state.waitingForRepetition = []
            guard state.mustRepeat else { return (waiting, nil) }
            state.mustRepeat = false
            return (waiting, state.begin())
        }
        for waiter in waiting { waiter.resume() }
        if let next { start(next) }
    }

    /// Counts the check as failing, if this run is still in progress.
    private func expire(_ run: Int) {
        let waiting = state.withLock { state -> [Waiter] in
            guard state.phase == .running, state.run == run else { return [] }
            state.phase = .overdue
            record(
                .failing(
                    "the check of \(name) did not finish in \(deadline.formattedSeconds); the volume or the service "
                        + "that it checks may hang"))
            defer { (state.waiting, state.waitingForRepetition) = ([], []) }
            return state.waiting + state.waitingForRepetition
        }
        for waiter in waiting { waiter.resume() }
    }
}

extension RepeatedCheck.State {
    fileprivate mutating func begin() -> Int {
        run += 1
        phase = .running
        started = .now
        return run
    }
}

extension Duration {
    /// Seconds, such as `5 s` or `0.2 s`.
    var formattedSeconds: String {
        let seconds = self / .seconds(1)
        return seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(seconds) s"
    }
}
