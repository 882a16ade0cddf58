import Hummingbird
import Logging
import NIOCore
import Synchronization

/// The HTTP server of a fake. It uses the same port after a restart.
final class FakeServer: Sendable {
    private struct State {
        var port: Int?
        var task: Task<Void, any Error>?
    }

    private let state = Mutex(State())

    var port: Int? { state.withLock { $0.port } }

    /// Starts the server. On a restart it tries again for ten seconds while its port is in use.
    /// - Throws: The error of the last attempt.
    func start(_ responder: some HTTPResponder<FakeContext>, host: String, port requested: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do {
                return try await listen(responder, host: host, port: port ?? requested)
            } catch {
                guard port != nil, ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Closes all connections and waits for the end of the server.
    func stop() async {
        let task = state.withLock { $0.task.take() }
        task?.cancel()
        _ = await task?.result
    }

    private func listen(_ responder: some HTTPResponder<FakeContext>, host: String, port: Int) async throws {
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "fake")
        logger.logLevel = .critical
        let application = Application(
            responder: responder,
            configuration: .init(
                address: .hostname(host, port: port), serverName: "fake", reuseAddress: true),
            onServerRunning: { announce.yield($0.localAddress?.port ?? 0) }, logger: logger)
        let task = Task {
            defer { announce.finish() }
            try await application.run()
        }
        guard let bound = await ports.first(where: { _ in true }) else { return try await task.value }
        state.withLock { $0 = State(port: bound, task: task) }
    }
}

/// A request context with the connection of the request, so that a handler can close it.
struct FakeContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
