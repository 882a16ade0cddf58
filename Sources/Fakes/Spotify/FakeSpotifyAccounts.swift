public import Foundation
import Synchronization

/// Stands in for Spotify's accounts service: checks PKCE, redirect addresses, codes and refresh tokens as it does, and
/// simulates the user who agrees or does not.
public final class FakeSpotifyAccounts: FakeService {
    /// The app that is registered there.
    public struct App: Sendable {
        public var clientID: String
        public var clientSecret: String
        public var redirectURIs: Set<String>

        public init(
            clientID: String = RandomText.make(32), clientSecret: String = RandomText.make(32),
            redirectURIs: Set<String> = ["http://127.0.0.1:8080/callback"]
        ) {
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.redirectURIs = redirectURIs
        }
    }

    /// What the user does on the page.
    public enum Consent: Sendable { case agree, refuse }

    /// What is wrong with the address that the user opened: Spotify shows a page, and sends nobody back.
    public struct PageError: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    public let app: App
    public let tokens: SpotifyTokenBook
    private let fixture: Mutex<AccountsFixture>
    private let now: @Sendable () -> Date
    private let server = FakeServer()

    public init(app: App = App(), now: @escaping @Sendable () -> Date = { Date() }, tokens: SpotifyTokenBook? = nil) {
        self.app = app
        self.now = now
        self.tokens = tokens ?? SpotifyTokenBook(now: now)
        fixture = Mutex(AccountsFixture(app: app))
    }

    /// Runs a test with a stand-in that listens on a port of its own, and ends with it.
    public static func run<Result: Sendable>(
        app: App = App(), now: @escaping @Sendable () -> Date = { Date() },
        _ test: (FakeSpotifyAccounts) async throws -> Result
    ) async throws -> Result {
        try await FakeSpotifyAccounts(app: app, now: now).run(test)
    }

    /// Listens.
    public func start() async throws {
        try await server.start(AccountsResponder(fake: self), host: "127.0.0.1", port: 0)
    }

    /// Closes all connections.
    public func stop() async { await server.stop() }

    /// Its address, for `SPOTIFY_ACCOUNTS_URL`.
    public var url: String { "http://127.0.0.1:\(server.port ?? 0)" }

    /// What a user does: opens the address in a browser, agrees or not, and is sent on.
    /// - Returns: the address that the browser is sent to.
    /// - Throws: ``PageError``.
    public func visit(_ authorizationURL: String, _ consent: Consent = .agree) throws(PageError) -> String {
        let items = URLComponents(string: authorizationURL)?.queryItems ?? []
        let query = Dictionary(items.map { ($0.name, $0.value ?? "") }) { _, last in last }
        return try authorize(query, consent)
    }

    func authorize(_ query: [String: String], _ consent: Consent) throws(PageError) -> String {
        guard query["client_id"] == app.clientID else { throw PageError(description: "INVALID_CLIENT: Invalid client") }
        guard let redirect = query["redirect_uri"], app.redirectURIs.contains(redirect) else {
            throw PageError(description: "INVALID_CLIENT: Invalid redirect URI")
        }
        guard query["response_type"] == "code" else {
            throw PageError(description: "response_type must be code")
        }
        if query["code_challenge"] != nil, query["code_challenge_method"] != "S256" {
            throw PageError(description: "code_challenge_method must be S256")
        }
        let state = query["state"].map { "&state=\($0)" } ?? ""
        guard consent == .agree else { return "\(redirect)?error=access_denied\(state)" }
        let code = "AQ" + RandomText.make(60)
        fixture.withLock {
            $0.codes[code] = AccountsFixture.Code(
                clientID: app.clientID, redirectURI: redirect, challenge: query["code_challenge"],
                scope: query["scope"] ?? "", issuedAt: now())
        }
        return "\(redirect)?code=\(code)\(state)"
    }

    func token(_ request: AccountsFixture.TokenRequest) -> AccountsResponse {
        fixture.withLock { fixture in
            let fault = fixture.faults.isEmpty ? nil : fixture.faults.removeFirst()
            if let fault, !fault.isAfterwards { return fixture.noted(fault, request) }
            let answer = fixture.answer(request, tokens, now: now())
            return fixture.noted(fault ?? answer, request)
        }
    }
}

extension AccountsFixture {
    fileprivate mutating func noted(_ answer: AccountsResponse, _ request: TokenRequest) -> AccountsResponse {
        log.append(AccountsRequest(grantType: request.grantType, status: answer.status))
        return answer
    }
}

// MARK: - What tests do to it

extension FakeSpotifyAccounts {
    /// The user takes the consent back: every refresh token is revoked.
    public func revokeConsent() {
        fixture.withLock { fixture in
            for token in fixture.grants.keys { fixture.grants[token]?.isRevoked = true }
        }
    }

    /// Gives these answers instead of the next ones.
    public func fail(with answers: AccountsResponse...) { fixture.withLock { $0.faults += answers } }

    /// The requests for tokens so far.
    public var requests: [AccountsRequest] { fixture.withLock { $0.log } }

    /// Everything secret that it ever gave out: what must be found in no log and no file.
    public var secrets: Set<String> {
        tokens.issued.union(fixture.withLock { Set($0.codes.keys).union($0.grants.keys) }).union([app.clientSecret])
    }
}
