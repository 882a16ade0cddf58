/// One run of a handler that is waited for until the hold limit of its deliveries.
struct DeliveryAttempt: Sendable {
    private let run: Task<Void, any Error>
    private let first: Task<Result<Void, any Error>?, Never>

    /// Starts `body`.
    init(until limit: ContinuousClock.Instant?, _ body: @escaping @Sendable () async throws -> Void) {
        let (ends, end) = AsyncStream.makeStream(of: Result<Void, any Error>?.self)
        let run = Task { try await body() }
        let timer = Task {
            guard let limit else { return }
            try await Task.sleep(until: limit, clock: .continuous)
            end.yield(nil)
        }
        Task {
            end.yield(await run.result)
            timer.cancel()
        }
        self.run = run
        first = Task {
            for await result in ends { return result }
            return nil
        }
    }

    /// Returns how the run ended, or `nil` at the limit. Cancelling the caller cancels the run and waits for it as before.
    func result() async -> Result<Void, any Error>? {
        await withTaskCancellationHandler {
            await first.value
        } onCancel: {
            run.cancel()
        }
    }

    /// Cancels the run and waits until it has ended, which may take longer than the limit.
    func cancel() async {
        run.cancel()
        _ = await run.result
    }
}
