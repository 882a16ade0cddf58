import Contracts
import Foundation
import Hummingbird
import Synchronization

/// A fake of MusicBrainz: an HTTP server in this process with the routes and limits of the real service.
///
/// It responds with 403 to requests without a contact in `User-Agent`, and with 503 to more than one request a second.
public final class FakeMusicBrainz: FakeService {
    let state: Mutex<State>
    private let server = FakeServer()

    struct State: Sendable {
        var fixture: MusicBrainzFixture
        var requests: [MusicBrainzRequest] = []
        var gap: Duration
        var lastAccepted: ContinuousClock.Instant?
    }

    /// - Parameter gap: The shortest time between two accepted requests.
    public init(_ fixture: MusicBrainzFixture = .sample, gap: Duration = .seconds(1)) {
        state = Mutex(State(fixture: fixture, gap: gap))
    }

    /// Runs a fake during `body` and stops it afterwards, also after an error.
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

    /// The address of the web service, including the version.
    public var url: String { "http://127.0.0.1:\(server.port ?? 0)/ws/2" }

    /// The requests so far, in order.
    public var requests: [MusicBrainzRequest] { state.withLock { $0.requests } }
}

/// A request to the fake.
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
        try fake.respond(to: FakeCall(request.head, body: Data())).response()
    }
}
