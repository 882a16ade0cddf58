import Contracts
import Foundation
import Hummingbird
import Synchronization

/// A fake of Spotify: an HTTP server in this process with the Web API for apps in development mode since 2026, and a
/// catalogue of invented music.
///
/// Call ``start()`` before and ``stop()`` after use, or ``running(_:_:)`` for both. Requests need a token from
/// ``issueToken(user:scopes:lifetime:)``. ``requests`` contains the requests of clients.
public final class FakeSpotify: FakeService {
    let fixture: Mutex<SpotifyFixture>
    private let server = FakeServer()
    /// Handles requests outside of `/v1`: the accounts service, if there is one.
    let accounts = Mutex<(@Sendable (FakeCall) async -> FakeResponse)?>(nil)

    public init(_ fixture: SpotifyFixture = .sample) { self.fixture = Mutex(fixture) }

    /// Runs a fake during `body` and stops it afterwards, also after an error.
    public static func running<Result: Sendable>(
        _ fixture: SpotifyFixture = .sample, _ body: (FakeSpotify) async throws -> Result
    ) async throws -> Result {
        try await FakeSpotify(fixture).run(body)
    }

    /// Starts the server on a free port, after ``stop()`` on the same port.
    public func start() async throws {
        try await server.start(SpotifyResponder(fake: self), host: "127.0.0.1", port: 0)
    }

    public func stop() async { await server.stop() }

    /// The address of the Web API, with its version.
    public var apiURL: String { accountsURL + "/v1" }

    /// The address of the accounts service.
    public var accountsURL: String { "http://127.0.0.1:\(server.port ?? 0)" }

    /// Changes the catalogue or its behaviour for later requests.
    public func change<Result>(_ change: (inout sending SpotifyFixture) -> sending Result) -> sending Result {
        fixture.withLock { change(&$0) }
    }

    /// The requests so far, in order.
    public var requests: [SpotifyRequest] { fixture.withLock { $0.requests } }

    /// Adds a fault. The oldest fault that matches a request is applied.
    /// - Parameters:
    ///   - path: The prefix of the affected paths, such as `/v1/search`.
    ///   - times: The number of affected requests; `nil` for all until ``clearFaults()``.
    public func inject(_ fault: SpotifyFault, on path: String = "/", times: Int? = 1) {
        fixture.withLock { $0.faults.append(SpotifyFaultRule(fault: fault, path: path, times: times)) }
    }

    public func clearFaults() { fixture.withLock { $0.faults = [] } }
}

/// Receives requests and passes them to the fake.
struct SpotifyResponder: HTTPResponder {
    typealias Context = FakeContext

    let fake: FakeSpotify

    func respond(to request: Request, context: FakeContext) async throws -> Response {
        let body = try? await request.body.collect(upTo: 1 << 20)
        let call = FakeCall(request.head, body: body.map { Data($0.readableBytesView) } ?? Data())
        guard let response = await fake.respond(to: call) else {
            try await context.channel.close()
            throw ConnectionClosed()
        }
        return try response.response()
    }

    private struct ConnectionClosed: Error {}
}
