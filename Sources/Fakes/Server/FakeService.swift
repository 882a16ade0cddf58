/// Somebody else's server, played by this process.
public protocol FakeService: Sendable {
    /// Listens; comes back on the same port after ``stop()``.
    func start() async throws

    /// Returns when nobody listens any more.
    func stop() async
}

extension FakeService {
    /// Runs it while `body` works with it, and stops it in any case.
    public func run<Result: Sendable>(_ body: (Self) async throws -> Result) async throws -> Result {
        try await start()
        do {
            let result = try await body(self)
            await stop()
            return result
        } catch {
            await stop()
            throw error
        }
    }
}
