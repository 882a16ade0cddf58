import Contracts

extension RunningJobs {
    /// Runs the handler of a reserved job until it ends, or until the hold limit.
    /// - Parameters:
    ///   - detached: called when a run ends after the hold limit, with its outcome or `nil`. The caller releases the job.
    /// - Returns: how the run ended for the delivery.
    func run(
        _ job: JobID, _ number: Int, detached: @escaping @Sendable (End) async -> Void,
        _ body: @escaping @Sendable () async throws -> Outcome
    ) async -> End {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // The task waits for this lock, so that its end finds the continuation.
                let isStopped = state.withLock { state in
                    state.runs[job]?.delivery = continuation
                    state.runs[job]?.task = Task { await self.finish(job, number, detached, body) }
                    return state.runs[job]?.stop != nil
                }
                if isStopped { state.withLock { $0.runs[job]?.task }?.cancel() }
            }
        } onCancel: {
            stop(.shutdown) { $0.number == number }
        }
    }

    private func finish(
        _ job: JobID, _ number: Int, _ detached: @Sendable (End) async -> Void,
        _ body: @Sendable () async throws -> Outcome
    ) async {
        let result: Result<Outcome, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        let (delivery, stop) = state.withLock { state in
            (state.runs[job]?.delivery.take(), state.runs[job]?.stop)
        }
        let end: End =
            switch (result, stop) {
            case (.success(let outcome), _): .outcome(outcome)
            case (.failure, let stop?): .stopped(stop)
            case (.failure(let error), nil): .failed(error)
            }
        if let delivery { delivery.resume(returning: end) } else { await detached(end) }
    }

    // MARK: - Limits

    /// Checks the limits of all runs every second. Runs until the task is cancelled.
    func watch() async {
        let interval = min(timeout / 4, .seconds(1))
        var last = now()
        while (try? await Task.sleep(for: interval)) != nil {
            let gap = now() - last
            last = now()
            // The process was stopped meanwhile, and so were its runs.
            if gap > interval * 5 { extendDeadlines(by: gap) }
            checkLimits()
        }
    }

    private func extendDeadlines(by gap: Duration) {
        state.withLock { state in
            for job in state.runs.keys { state.runs[job]?.deadline += gap }
        }
    }

    /// Cancels the runs without progress, and takes the deliveries from those that reached the hold limit.
    func checkLimits() {
        let now = now()
        stop(.timedOut) { $0.deadline <= now }
        let held = state.withLock { state -> [CheckedContinuation<End, Never>] in
            state.runs.filter { $0.value.holdEnds <= now }.keys.compactMap { job in
                guard let delivery = state.runs[job]?.delivery.take() else { return nil }
                state.runs[job]?.isDetached = true
                return delivery
            }
        }
        for delivery in held { delivery.resume(returning: .held) }
    }

    /// Records progress, which renews the timeout if `done` has grown.
    /// - Returns: whether the progress is to be published: at most once a second for each run.
    func recordProgress(_ job: JobID, _ number: Int, done: Int64) -> Bool {
        change(job, number) { run in
            guard done > run.done else { return false }
            let now = now()
            run.done = done
            run.deadline = now + timeout
            let isDue = run.lastReport.map { now - $0 >= .seconds(1) } ?? true
            if isDue { run.lastReport = now }
            return isDue
        } ?? false
    }

    /// Renews the timeout of a run without progress, as long as the renewals add up to at most `longestRenewed`.
    func renew(_ job: JobID, _ number: Int) {
        change(job, number) { run in
            let gain = now() + timeout - run.deadline
            // Several calls in a short time count as one.
            guard gain >= timeout / 4, run.renewed + gain <= longestRenewed else { return }
            run.renewed += gain
            run.deadline += gain
        }
    }

    /// Counts bytes from zero again, as another transfer begins. Does not renew the timeout.
    func resetProgress(_ job: JobID, _ number: Int) { change(job, number) { $0.done = -1 } }

    @discardableResult
    private func change<Value>(_ job: JobID, _ number: Int, _ body: (inout Run) -> Value) -> Value? {
        state.withLock { state in
            guard var run = state.runs[job], run.number == number else { return nil }
            defer { state.runs[job] = run }
            return body(&run)
        }
    }

    // MARK: - Stopping

    /// Cancels the run of a job that a person cancelled.
    func cancel(_ generation: JobGeneration) {
        stop(.cancelled) { $0.isCancellable && $0.identity.jobGeneration == generation }
    }

    /// Cancels the run whose delivery was lost.
    func loseLease(_ number: Int) { stop(.leaseLost) { $0.number == number && !$0.isDetached } }

    /// Cancels every run.
    func stopAll() { stop(.shutdown) { _ in true } }

    func stop(_ reason: Stop, where isAffected: (Run) -> Bool) {
        let tasks = state.withLock { state in
            // A lost lease outweighs a timeout: without it, the run would not have been late.
            state.runs.filter { isAffected($0.value) && ($0.value.stop == nil || reason == .leaseLost) }.keys.compactMap
            { job in
                state.runs[job]?.stop = reason
                return state.runs[job]?.task
            }
        }
        for task in tasks { task.cancel() }
    }
}
