import Contracts
import Foundation
import HTTPClient

/// A client for Spotify's accounts service, which signs users in and issues tokens.
///
/// It never retries: a code is valid once, and a refresh token may be, too.
struct SpotifyAccounts: Sendable {
    /// The base address, without a slash at its end.
    let url: String
    private let client: HTTPClient
    /// Must be shorter than the lease under which tokens are renewed.
    static let timeout = Duration.seconds(15)

    init(url: String = "https://accounts.spotify.com", client: HTTPClient) {
        self.url = url
        self.client = client
    }

    /// Returns the address of the page on which a user agrees.
    func authorizationURL(
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
    func tokens(
        code: String, redirectURI: String, clientID: String, proof: ProofKey
    ) async throws(SpotifyAccountsError) -> SpotifyTokenResponse {
        try await requestTokens([
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectURI),
            ("client_id", clientID), ("code_verifier", proof.verifier),
        ])
    }

    /// Exchanges a refresh token for tokens. The refresh token may be invalid afterwards.
    /// - Throws: ``SpotifyAccountsError``.
    func tokens(
        refreshToken: String, clientID: String
    ) async throws(SpotifyAccountsError) -> SpotifyTokenResponse {
        try await requestTokens([
            ("grant_type", "refresh_token"), ("refresh_token", refreshToken), ("client_id", clientID),
        ])
    }

    /// Requests a token for the app itself.
    /// - Throws: ``SpotifyAccountsError``.
    func token(
        clientID: String, clientSecret: String
    ) async throws(SpotifyAccountsError) -> SpotifyTokenResponse {
        let credentials = Data("\(clientID):\(clientSecret)".utf8).base64EncodedString()
        return try await requestTokens([("grant_type", "client_credentials")], authorization: "Basic \(credentials)")
    }

    private func requestTokens(
        _ form: [(String, String)], authorization: String? = nil
    ) async throws(SpotifyAccountsError) -> SpotifyTokenResponse {
        var request = HTTPRequest(
            .post, url + "/api/token", headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: Data(form.map { "\($0)=\(WebAddress.encoded($1))" }.joined(separator: "&").utf8),
            timeout: Self.timeout, maxBodyBytes: 256 << 10)
        request.headers["Accept"] = "application/json"
        if let authorization { request.headers["Authorization"] = authorization }
        let response: HTTPResponse
        do throws(HTTPClientError) {
            response = try await client.send(request)
        } catch {
            throw .unreachable("\(error)")
        }
        return try Self.tokens(in: response)
    }

    private static func tokens(in response: HTTPResponse) throws(SpotifyAccountsError) -> SpotifyTokenResponse {
        if response.isSuccess {
            guard let tokens = try? JSONDecoder().decode(SpotifyTokenResponse.self, from: response.body),
                tokens.tokenType.lowercased() == "bearer", !tokens.accessToken.isEmpty
            else { throw .unusable(status: response.status) }
            return tokens
        }
        if response.status == 429 { throw .limited(for: response.retryAfter() ?? .seconds(30)) }
        guard let refusal = try? JSONDecoder().decode(SpotifyRefusal.self, from: response.body), response.status < 500
        else { throw .unusable(status: response.status) }
        throw .refused(refusal)
    }
}
