/// Why the accounts service gave no tokens. Never holds a code, a token or a secret.
public enum SpotifyAccountsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It said no, and will again.
    case refused(SpotifyRefusal)
    /// Too many requests; none before this time has passed.
    case limited(for: Duration)
    /// No answer. What was sent may have been used up.
    case unreachable(String)
    /// An answer that is none of its own.
    case unusable(status: Int)

    public var description: String {
        switch self {
        case .refused(let refusal): "Spotify refused: \(refusal)"
        case .limited: "Spotify takes no requests for a while"
        case .unreachable(let reason): "Spotify's accounts service could not be asked: \(reason)"
        case .unusable(let status): "Spotify's accounts service answered with HTTP status \(status) and no tokens"
        }
    }
}

/// The accounts service's own words of a refusal (RFC 6749, section 5.2).
public struct SpotifyRefusal: Decodable, Sendable, Equatable, CustomStringConvertible {
    public let error: String
    public let text: String?

    public init(error: String, text: String? = nil) {
        self.error = error
        self.text = text
    }

    enum CodingKeys: String, CodingKey {
        case error
        case text = "error_description"
    }

    /// The code, the refresh token or what belongs to it is good no more.
    public var isGrantGone: Bool { error == "invalid_grant" }

    /// The words that are known, so that nothing else of an answer is repeated.
    private static let known: Set<String> = [
        "Invalid authorization code", "Authorization code expired", "Invalid redirect URI", "Invalid refresh token",
        "Refresh token revoked", "Refresh token expired", "code_verifier was incorrect", "Invalid client",
        "Invalid client secret",
    ]
    private static let codes: Set<String> = [
        "invalid_grant", "invalid_client", "invalid_request", "invalid_scope", "unauthorized_client",
        "unsupported_grant_type", "server_error", "temporarily_unavailable",
    ]

    public var description: String {
        let code = Self.codes.contains(error) ? error : "an error that is not known"
        guard let text, Self.known.contains(text) else { return code }
        return "\(code) (\(text))"
    }
}
