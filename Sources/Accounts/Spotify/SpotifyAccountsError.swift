/// The reason why the accounts service returned no tokens. Contains no code, token or secret.
enum SpotifyAccountsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The service refused the request. A repetition would be refused, too.
    case refused(SpotifyRefusal)
    /// Too many requests. The service accepts none for this time.
    case limited(for: Duration)
    /// There was no response. The service may have processed the request.
    case unreachable(String)
    /// The response is not one of the accounts service.
    case unusable(status: Int)

    var description: String {
        switch self {
        case .refused(let refusal): "Spotify refused the request: \(refusal)"
        case .limited: "Spotify's accounts service accepts no requests for a while"
        case .unreachable(let reason): "Spotify's accounts service did not respond: \(reason)"
        case .unusable(let status): "Spotify's accounts service responded with HTTP status \(status) and no tokens"
        }
    }
}

/// The accounts service's error response (RFC 6749, section 5.2).
struct SpotifyRefusal: Decodable, Sendable, Equatable, CustomStringConvertible {
    let error: String
    let text: String?

    init(error: String, text: String? = nil) {
        self.error = error
        self.text = text
    }

    enum CodingKeys: String, CodingKey {
        case error
        case text = "error_description"
    }

    /// Whether the code or the refresh token is no longer valid.
    var isGrantInvalid: Bool { error == "invalid_grant" }

    /// Only known texts are repeated, so that nothing secret of a response is shown.
    private static let knownTexts: Set<String> = [
        "Invalid authorization code", "Authorization code expired", "Invalid redirect URI", "Invalid refresh token",
        "Refresh token revoked", "Refresh token expired", "code_verifier was incorrect", "Invalid client",
        "Invalid client secret",
    ]
    private static let knownErrors: Set<String> = [
        "invalid_grant", "invalid_client", "invalid_request", "invalid_scope", "unauthorized_client",
        "unsupported_grant_type", "server_error", "temporarily_unavailable",
    ]

    var description: String {
        let code = Self.knownErrors.contains(error) ? error : "an unknown error"
        guard let text, Self.knownTexts.contains(text) else { return code }
        return "\(code) (\(text))"
    }
}
