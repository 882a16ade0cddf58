import Contracts
import Foundation
import Hummingbird
import Synchronization

/// A Spotify in this process: a real HTTP server with the Web API as it is for apps in development mode since 2026, and a
/// catalogue of invented music behind it.
///
/// Call ``start()`` before and ``stop()`` after use, or let ``running(_:_:)`` do both. Requests need a token from
/// ``issueToken(user:scopes:lifetime:)``. What clients asked is in ``requests``.
public final class FakeSpotify: FakeService {
    let fixture: Mutex<SpotifyFixture>
    private let server = FakeServer()
    /// CannedResponses whatever is not below `/v1`: the accounts service, where there is one.
    let accounts = Mutex<(@Sendable (FakeCall) async -> FakeResponse)?>(nil)

    public init(_ fixture: SpotifyFixture = .sample) { self.fixture = Mutex(fixture) }

    /// Runs a stand-in while `body` works with it, and stops it in any case.
    public static func running<Result: Sendable>(
        _ fixture: SpotifyFixture = .sample, _ body: (FakeSpotify) async throws -> Result
    ) async throws -> Result {
        try await FakeSpotify(fixture).run(body)
    }

    /// Listens on a free port of this host; on the same one again after ``stop()``.
    public func start() async throws {
        try await server.start(SpotifyResponder(fake: self), host: "127.0.0.1", port: 0)
    }

    public func stop() async { await server.stop() }

    /// The address of the Web API, with its version.
    public var apiURL: String { accountsURL + "/v1" }

    /// The address of the accounts service.
    public var accountsURL: String { "http://127.0.0.1:\(server.port ?? 0)" }

    /// Changes the catalogue, or how it answers, from the next request on.
    public func change<Result>(_ change: (inout sending SpotifyFixture) -> sending Result) -> sending Result {
        fixture.withLock { change(&$0) }
    }

    /// What was asked so far, in order.
    public var requests: [SpotifyRequest] { fixture.withLock { $0.requests } }

    /// Adds a fault; the oldest that fits a request is taken.
    /// - Parameters:
    ///   - path: the beginning of the paths that it meets, such as `/v1/search`.
    ///   - times: how many requests it meets; `nil` means until ``clearFaults()``.
    public func inject(_ fault: SpotifyFault, on path: String = "/", times: Int? = 1) {
        fixture.withLock { $0.faults.append(SpotifyFaultRule(fault: fault, path: path, times: times)) }
    }

    public func clearFaults() { fixture.withLock { $0.faults = [] } }
}

/// Takes requests in, notes them, and applies faults before the stand-in works.
struct SpotifyResponder: HTTPResponder {
    typealias Context = FakeContext

    let fake: FakeSpotify

    func respond(to request: Request, context: FakeContext) async throws -> Response {
        let body = try? await request.body.collect(upTo: 1 << 20)
        let call = FakeCall(request.head, body: body.map { Data($0.readableBytesView) } ?? Data())
        guard let answer = await fake.answer(call) else {
            try await context.channel.close()
            throw ConnectionClosed()
        }
        return try answer.response()
    }

    private struct ConnectionClosed: Error {}
}
