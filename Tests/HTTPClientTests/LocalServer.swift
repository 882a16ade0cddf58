import Foundation
import Hummingbird
import NIOCore
import Synchronization

/// Gives a handler the port of the connection that a request used.
struct PeerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let peerPort: Int?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peerPort = source.channel.remoteAddress?.port
    }
}

/// Runs an HTTP server on a free port of the loopback interface while `use` runs.
func withServer(
    _ addRoutes: (Router<PeerContext>) -> Void, use: @Sendable (_ base: String) async throws -> Void
) async throws {
    let router = Router(context: PeerContext.self)
    addRoutes(router)
    let (ports, announce) = AsyncStream.makeStream(of: Int.self)
    let app = Application(
        router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { announce.yield($0.localAddress?.port ?? 0) })
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { announce.finish() }
            try await app.run()
        }
        defer { group.cancelAll() }
        guard let port = await ports.first(where: { _ in true }) else { throw ServerDidNotStart() }
        try await use("http://127.0.0.1:\(port)")
    }
}

struct ServerDidNotStart: Error {}

/// A counter that handlers and tests share.
final class Counter: Sendable {
    private let state = Mutex((now: 0, highest: 0))

    var value: Int { state.withLock { $0.now } }
    var highest: Int { state.withLock { $0.highest } }

    @discardableResult func add(_ step: Int = 1) -> Int {
        state.withLock {
            $0.now += step
            $0.highest = max($0.highest, $0.now)
            return $0.now
        }
    }
}
