/// How a sign-in can fail. The raw values are a public contract.
public enum OAuthErrorCode: String, Codable, Sendable, CaseIterable {
    /// The answer belongs to no sign-in that was begun here, or to one that was used.
    case stateMismatch = "OAUTH_STATE_MISMATCH"
    /// The sign-in took too long.
    case codeExpired = "OAUTH_CODE_EXPIRED"
    /// Not the address that Spotify was told to send the user back to.
    case invalidRedirect = "OAUTH_INVALID_REDIRECT"
    /// The user said no.
    case accessDenied = "OAUTH_ACCESS_DENIED"
    /// Spotify gave no tokens for the code.
    case tokenExchangeFailed = "OAUTH_TOKEN_EXCHANGE_FAILED"
    /// Too many pasted addresses in a short time.
    case manualRateLimited = "OAUTH_MANUAL_RATE_LIMITED"
}

/// Why a sign-in failed, in words that say what to do and hold nothing secret.
public struct OAuthFailure: Error, Sendable, Equatable, CustomStringConvertible {
    public let code: OAuthErrorCode
    public let message: String

    public init(_ code: OAuthErrorCode, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code.rawValue): \(message)" }
}
