/// A fake of a remote service with its own state and HTTP server.
public protocol FakeService: Sendable {
    /// Starts the server, after ``stop()`` on the same port.
    func start() async throws

    /// Stops the server and waits for its end.
    func stop() async
}

extension FakeService {
    /// Runs the service during `body` and stops it afterwards, also after an error.
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
