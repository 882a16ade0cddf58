import Contracts
import Foundation
import Hummingbird
import Synchronization

/// A MusicBrainz in this process: a real HTTP server with the routes, the manners and the limit of the real one.
///
/// It answers 403 to whoever does not say who asks, and 503 to whoever asks more than once a second.
public final class FakeMusicBrainz: FakeService {
    let state: Mutex<State>
    private let server = FakeServer()

    struct State: Sendable {
        var fixture: MusicBrainzFixture
        var requests: [MusicBrainzRequest] = []
        var gap: Duration
        var lastAnswered: ContinuousClock.Instant?
    }

    /// - Parameter gap: the least time between two requests.
    public init(_ fixture: MusicBrainzFixture = .sample, gap: Duration = .seconds(1)) {
        state = Mutex(State(fixture: fixture, gap: gap))
    }

    /// Runs a stand-in while `body` works with it, and stops it in any case.
    public static func running<Result: Sendable>(
        _ fixture: MusicBrainzFixture = .sample, gap: Duration = .seconds(1),
        _ body: (FakeMusicBrainz) async throws -> Result
    ) async throws -> Result {
        try await FakeMusicBrainz(fixture, gap: gap).run(body)
    }

    public func start() async throws {
        try await server.start(MusicBrainzResponder(fake: self), host: "127.0.0.1", port: 0)
    }

    public func stop() async { await server.stop() }

    /// The address of the web service, with its version.
    public var url: String { "http://127.0.0.1:\(server.port ?? 0)/ws/2" }

    /// What was asked so far, in order.
    public var requests: [MusicBrainzRequest] { state.withLock { $0.requests } }
}

/// A request that the stand-in got.
public struct MusicBrainzRequest: Sendable {
    public let target: String
    public let userAgent: String?
    public let startedAt: ContinuousClock.Instant
    public var status: Int?
}

struct MusicBrainzResponder: HTTPResponder {
    typealias Context = FakeContext

    let fake: FakeMusicBrainz

    func respond(to request: Request, context: FakeContext) async throws -> Response {
        try fake.answer(FakeCall(request.head, body: Data())).response()
    }
}
