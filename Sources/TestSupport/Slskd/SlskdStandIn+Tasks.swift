extension SlskdStandIn {
    /// Works in the background under a name until it ends, is interrupted, or slskd stops.
    func run(_ name: String, _ work: @escaping @Sendable () async -> Void) {
        world.withLock { world in
            guard world.isRunning else { return }
            world.runs += 1
            let run = world.runs
            let task = Task {
                await work()
                self.forget(name, run)
            }
            world.tasks[name] = (run, task)
        }
    }

    private func forget(_ name: String, _ run: Int) {
        world.withLock { world in
            guard world.tasks[name]?.run == run else { return }
            world.tasks[name] = nil
        }
    }

    /// Ends the work on something for this reason; nothing happens when there is none.
    func interrupt(_ name: String, _ failure: SlskdFailure) {
        let task = world.withLock { world -> Task<Void, Never>? in
            guard let task = world.tasks[name]?.task else { return nil }
            world.interruptions[name] = failure
            return task
        }
        task?.cancel()
    }

    /// The reason of an interruption; `nil` when slskd itself goes down.
    func takeInterruption(_ name: String) -> SlskdFailure? {
        world.withLock { $0.isRunning ? $0.interruptions.removeValue(forKey: name) : nil }
    }

    /// Time passes for work that is over and only has to be written down.
    func pauseUncancelled(_ duration: Duration) async throws {
        try await Task { try await pause(duration) }.value
    }

    /// Returns when a transfer is like that, or slskd goes down.
    func wait(for transfer: String, _ condition: @escaping @Sendable (StandInTransfer) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isDone = world.withLock { world in
                guard world.isRunning, let now = world.records[transfer], !condition(now) else { return true }
                world.waiters.append(.init(transfer: transfer, condition: condition, continuation: continuation))
                return false
            }
            if isDone { continuation.resume() }
        }
    }
}
