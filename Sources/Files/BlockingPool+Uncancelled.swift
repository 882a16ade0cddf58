extension BlockingPool {
    /// Runs `body` like ``run(within:_:)``, also when the present task is cancelled, and waits for it.
    ///
    /// For short writes that must not be lost at the end of a service.
    public func runUncancelled<Value: Sendable>(
        within limit: Duration, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await Task { try await run(within: limit, body) }.value
    }
}
