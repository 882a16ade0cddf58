import Foundation
import Hummingbird
import NIOCore
import Synchronization

/// Lets a handler see which connection a request came on.
struct PeerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let peerPort: Int?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peerPort = source.channel.remoteAddress?.port
    }
}

/// Runs a real HTTP server on a free port of the loopback while `use` works with it.
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

/// A number that handlers and tests count together.
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

/// Waits until something is so; false when it is not after ten seconds.
func eventually(_ condition: () -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        try await Task.sleep(for: .milliseconds(5))
    }
    return true
}

/// Gives `use` a folder of its own and removes it afterwards.
func withFolder(_ use: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "http-client-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await use(folder)
}

func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
}
