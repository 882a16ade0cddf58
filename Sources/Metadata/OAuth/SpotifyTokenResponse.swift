/// Tokens as the accounts service gives them. All of it is secret.
public struct SpotifyTokenResponse: Decodable, Sendable, CustomStringConvertible {
    public let accessToken: String
    public let tokenType: String
    /// How long the access token is good.
    public let seconds: Int
    /// What the user agreed to, separated by spaces.
    public let scope: String?
    /// Takes the place of the one before; where it is absent, that one stays good.
    public let refreshToken: String?

    enum CodingKeys: String, CodingKey {
        case scope
        case accessToken = "access_token"
        case tokenType = "token_type"
        case seconds = "expires_in"
        case refreshToken = "refresh_token"
    }

    public var description: String { "tokens for \(seconds) s" }
}
