import Hummingbird
import Logging
import NIOCore
import Synchronization

/// The HTTP server of a stand-in; comes back on the port that it had.
final class FakeServer: Sendable {
    private struct State {
        var port: Int?
        var task: Task<Void, any Error>?
    }

    private let state = Mutex(State())

    var port: Int? { state.withLock { $0.port } }

    /// Listens; tries again for a while when its port is still taken.
    /// - Throws: when it cannot listen.
    func start(_ responder: some HTTPResponder<FakeContext>, host: String, port wanted: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do {
                return try await listen(responder, host: host, port: port ?? wanted)
            } catch {
                guard port != nil, ContinuousClock.now < deadline else { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Closes all connections at once and returns when nobody listens any more.
    func stop() async {
        let task = state.withLock { $0.task.take() }
        task?.cancel()
        _ = await task?.result
    }

    private func listen(_ responder: some HTTPResponder<FakeContext>, host: String, port: Int) async throws {
        let (ports, announce) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "stand-in")
        logger.logLevel = .critical
        let application = Application(
            responder: responder,
            configuration: .init(
                address: .hostname(host, port: port), serverName: "stand-in", reuseAddress: true),
            onServerRunning: { announce.yield($0.localAddress?.port ?? 0) }, logger: logger)
        let task = Task {
            defer { announce.finish() }
            try await application.run()
        }
        guard let bound = await ports.first(where: { _ in true }) else { return try await task.value }
        state.withLock { $0 = State(port: bound, task: task) }
    }
}

/// Lets a handler close the connection that a request came on.
struct FakeContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
