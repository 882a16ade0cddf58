/// The ways in which a sign-in fails. The raw values are a public contract.
enum OAuthErrorCode: String, Codable, Sendable, CaseIterable {
    /// The response belongs to no sign-in that was started here, or to one that is finished.
    case stateMismatch = "OAUTH_STATE_MISMATCH"
    /// The sign-in took too long.
    case codeExpired = "OAUTH_CODE_EXPIRED"
    /// The address is not the configured redirect address.
    case invalidRedirect = "OAUTH_INVALID_REDIRECT"
    /// The user did not agree.
    case accessDenied = "OAUTH_ACCESS_DENIED"
    /// Spotify returned no tokens for the code.
    case tokenExchangeFailed = "OAUTH_TOKEN_EXCHANGE_FAILED"
    /// Too many addresses were pasted in a short time.
    case manualRateLimited = "OAUTH_MANUAL_RATE_LIMITED"
}

/// A failed sign-in. The message says what to do and contains nothing secret.
struct OAuthFailure: Error, Sendable, Equatable, CustomStringConvertible {
    let code: OAuthErrorCode
    let message: String

    init(_ code: OAuthErrorCode, _ message: String) {
        self.code = code
        self.message = message
    }

    var description: String { "\(code.rawValue): \(message)" }
}
