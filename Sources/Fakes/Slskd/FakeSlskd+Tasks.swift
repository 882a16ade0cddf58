extension FakeSlskd {
    /// Works in the background under a name until it ends, is interrupted, or slskd stops.
    func run(_ name: String, _ work: @escaping @Sendable () async -> Void) {
        fixture.withLock { fixture in
            guard fixture.isRunning else { return }
            fixture.runs += 1
            let run = fixture.runs
            let task = Task {
                await work()
                self.forget(name, run)
            }
            fixture.tasks[name] = (run, task)
        }
    }

    private func forget(_ name: String, _ run: Int) {
        fixture.withLock { fixture in
            guard fixture.tasks[name]?.run == run else { return }
            fixture.tasks[name] = nil
        }
    }

    /// Ends the work on something for this reason; nothing happens when there is none.
    func interrupt(_ name: String, _ failure: SlskdFailure) {
        let task = fixture.withLock { fixture -> Task<Void, Never>? in
            guard let task = fixture.tasks[name]?.task else { return nil }
            fixture.interruptions[name] = failure
            return task
        }
        task?.cancel()
    }

    /// The reason of an interruption; `nil` when slskd itself goes down.
    func takeInterruption(_ name: String) -> SlskdFailure? {
        fixture.withLock { $0.isRunning ? $0.interruptions.removeValue(forKey: name) : nil }
    }

    /// Time passes for work that is over and only has to be written down.
    func pauseUncancelled(_ duration: Duration) async throws {
        try await Task { try await pause(duration) }.value
    }

    /// Returns when a transfer is like that, or slskd goes down.
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
