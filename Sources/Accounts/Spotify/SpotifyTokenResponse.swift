/// The accounts service's response to a request for tokens. All of it is secret.
struct SpotifyTokenResponse: Decodable, Sendable, CustomStringConvertible {
    let accessToken: String
    let tokenType: String
    /// Seconds until the access token expires.
    let lifetime: Int
    /// The granted scopes, separated by spaces.
    let scope: String?
    /// Replaces the previous refresh token. When it is absent, the previous one stays valid.
    let refreshToken: String?

    enum CodingKeys: String, CodingKey {
        case scope
        case accessToken = "access_token"
        case tokenType = "token_type"
        case lifetime = "expires_in"
        case refreshToken = "refresh_token"
    }

    var description: String { "tokens for \(lifetime) s" }
}
