extension FakeSlskd {
    /// Runs named work in the background, until it ends, is interrupted, or the fake stops.
    func run(_ name: String, _ work: @escaping @Sendable () async -> Void) {
        fixture.withLock { fixture in
            guard fixture.isRunning else { return }
            fixture.runs += 1
            let run = fixture.runs
            let task = Task {
                await work()
                self.removeTask(name, run)
            }
            fixture.tasks[name] = (run, task)
        }
    }

    private func removeTask(_ name: String, _ run: Int) {
        fixture.withLock { fixture in
            guard fixture.tasks[name]?.run == run else { return }
            fixture.tasks[name] = nil
        }
    }

    /// Cancels named work with a failure, if it runs.
    func interrupt(_ name: String, _ failure: SlskdFailure) {
        let task = fixture.withLock { fixture -> Task<Void, Never>? in
            guard let task = fixture.tasks[name]?.task else { return nil }
            fixture.interruptions[name] = failure
            return task
        }
        task?.cancel()
    }

    /// Removes and returns the failure of an interruption; `nil` if the fake itself stops.
    func removeInterruption(_ name: String) -> SlskdFailure? {
        fixture.withLock { $0.isRunning ? $0.interruptions.removeValue(forKey: name) : nil }
    }

    /// Waits, also in a cancelled task.
    func pauseUncancelled(_ duration: Duration) async throws {
        try await Task { try await pause(duration) }.value
    }

    /// Waits until a transfer satisfies a condition, or the fake stops.
    func wait(for transfer: String, _ condition: @escaping @Sendable (FakeTransfer) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isDone = fixture.withLock { fixture in
                guard fixture.isRunning, let now = fixture.records[transfer], !condition(now) else { return true }
                fixture.waiters.append(.init(transfer: transfer, condition: condition, continuation: continuation))
                return false
            }
            if isDone { continuation.resume() }
        }
    }
}
