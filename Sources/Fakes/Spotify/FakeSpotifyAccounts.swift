public import Foundation
import Synchronization

/// A fake of Spotify's accounts service. It checks PKCE, redirect addresses, codes and refresh tokens, and simulates
/// the user's consent.
public final class FakeSpotifyAccounts: FakeService {
    /// The registered app.
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

    /// The decision of the user on the page.
    public enum Consent: Sendable { case agree, refuse }

    /// An error in the address that the user opened. Spotify shows an error page and does not redirect.
    public struct PageError: Error, Equatable, CustomStringConvertible {
        public let description: String
    }

    public let app: App
    public let tokens: SpotifyTokenStore
    private let fixture: Mutex<AccountsFixture>
    private let now: @Sendable () -> Date
    private let server = FakeServer()

    public init(app: App = App(), now: @escaping @Sendable () -> Date = { Date() }, tokens: SpotifyTokenStore? = nil) {
        self.app = app
        self.now = now
        self.tokens = tokens ?? SpotifyTokenStore(now: now)
        fixture = Mutex(AccountsFixture(app: app))
    }

    /// Runs a fake during a test and stops it afterwards, also after an error.
    public static func run<Result: Sendable>(
        app: App = App(), now: @escaping @Sendable () -> Date = { Date() },
        _ test: (FakeSpotifyAccounts) async throws -> Result
    ) async throws -> Result {
        try await FakeSpotifyAccounts(app: app, now: now).run(test)
    }

    /// Starts the server.
    public func start() async throws {
        try await server.start(AccountsResponder(fake: self), host: "127.0.0.1", port: 0)
    }

    /// Closes all connections and waits for the end of the server.
    public func stop() async { await server.stop() }

    /// The address of the server, for `SPOTIFY_ACCOUNTS_URL`.
    public var url: String { "http://127.0.0.1:\(server.port ?? 0)" }

    /// Opens an authorisation address in the role of the user.
    /// - Returns: The address of the redirect.
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
            if let fault, !fault.isAfterwards { return fixture.recorded(fault, request) }
            let response = fixture.response(to: request, tokens, now: now())
            return fixture.recorded(fault ?? response, request)
        }
    }
}

extension AccountsFixture {
    fileprivate mutating func recorded(_ response: AccountsResponse, _ request: TokenRequest) -> AccountsResponse {
        log.append(AccountsRequest(grantType: request.grantType, status: response.status))
        return response
    }
}

// MARK: - Control by tests

extension FakeSpotifyAccounts {
    /// Revokes the consent of the user, with all refresh tokens.
    public func revokeConsent() {
        fixture.withLock { fixture in
            for token in fixture.grants.keys { fixture.grants[token]?.isRevoked = true }
        }
    }

    /// Sends these responses instead of the next ones.
    public func fail(with responses: AccountsResponse...) { fixture.withLock { $0.faults += responses } }

    /// The token requests so far.
    public var requests: [AccountsRequest] { fixture.withLock { $0.log } }

    /// All secrets that the fake has issued, for checks that no log and no file contains them.
    public var secrets: Set<String> {
        tokens.issued.union(fixture.withLock { Set($0.codes.keys).union($0.grants.keys) }).union([app.clientSecret])
    }
}
