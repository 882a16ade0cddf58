import Contracts
import Foundation
public import HTTPClient

/// Spotify's accounts service: where users sign in, and where tokens come from.
///
/// It never retries: a code is good once, and a refresh token may be, too.
public struct SpotifyAccounts: Sendable {
    /// Without a slash at its end.
    public let url: String
    private let client: HTTPClient
    /// Shorter than the lease under which tokens are renewed.
    public static let timeout = Duration.seconds(15)

    public init(url: String = "https://accounts.spotify.com", client: HTTPClient) {
        self.url = url
        self.client = client
    }

    /// The page on which a user agrees.
    public func authorizationURL(
        clientID: String, redirectURI: String, scope: String, state: String, proof: ProofKey
    ) -> String {
        let query = [
            ("response_type", "code"), ("client_id", clientID), ("redirect_uri", redirectURI), ("scope", scope),
            ("state", state), ("code_challenge_method", ProofKey.method), ("code_challenge", proof.challenge),
        ]
        return WebAddress.url(url, ["authorize"], query)
    }

    /// Exchanges a code for tokens.
    /// - Throws: ``SpotifyAccountsError``.
    public func tokens(
        code: String, redirectURI: String, clientID: String, proof: ProofKey
    ) async throws(SpotifyAccountsError) -> SpotifyTokenResponse {
        try await ask([
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectURI),
            ("client_id", clientID), ("code_verifier", proof.verifier),
        ])
    }

    /// Exchanges a refresh token, which may be good no more afterwards, for tokens.
    /// - Throws: ``SpotifyAccountsError``.
    public func tokens(
        refreshToken: String, clientID: String
    ) async throws(SpotifyAccountsError) -> SpotifyTokenResponse {
        try await ask([
            ("grant_type", "refresh_token"), ("refresh_token", refreshToken), ("client_id", clientID),
        ])
    }

    /// A token for the app itself.
    /// - Throws: ``SpotifyAccountsError``.
    public func token(
        clientID: String, clientSecret: String
    ) async throws(SpotifyAccountsError) -> SpotifyTokenResponse {
        let credentials = Data("\(clientID):\(clientSecret)".utf8).base64EncodedString()
        return try await ask([("grant_type", "client_credentials")], authorization: "Basic \(credentials)")
    }

    private func ask(
        _ form: [(String, String)], authorization: String? = nil
    ) async throws(SpotifyAccountsError) -> SpotifyTokenResponse {
        var request = HTTPRequest(
            .post, url + "/api/token", headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Data(form.map { "\($0)=\(WebAddress.encoded($1))" }.joined(separator: "&").utf8),
            timeout: Self.timeout, maxBodyBytes: 256 << 10)
        request.headers["Accept"] = "application/json"
        if let authorization { request.headers["Authorization"] = authorization }
        let answer: HTTPResponse
        do throws(HTTPClientError) {
            answer = try await client.send(request)
        } catch {
            throw .unreachable("\(error)")
        }
        return try Self.read(answer)
    }
}

extension SpotifyAccounts {
    static func read(_ answer: HTTPResponse) throws(SpotifyAccountsError) -> SpotifyTokenResponse {
        if answer.isSuccess {
            guard let tokens = try? JSONDecoder().decode(SpotifyTokenResponse.self, from: answer.body),
                tokens.tokenType.lowercased() == "bearer", !tokens.accessToken.isEmpty
            else { throw .unusable(status: answer.status) }
            return tokens
        }
        if answer.status == 429 { throw .limited(for: answer.retryAfter() ?? .seconds(30)) }
        guard let refusal = try? JSONDecoder().decode(SpotifyRefusal.self, from: answer.body), answer.status < 500
        else { throw .unusable(status: answer.status) }
        throw .refused(refusal)
    }
}
