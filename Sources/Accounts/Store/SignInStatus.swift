import Contracts

/// The data of a sign-in that are needed when the user returns. They are stored sealed.
struct SignInDraft: Codable, Sendable, Equatable {
    var verifier: String
    /// Must equal the address that was sent to Spotify.
    var redirectURI: String
    /// The app with which the sign-in was started.
    var clientID: String
}

/// The public state of a sign-in.
struct SignInStatus: Encodable, Sendable, Equatable {
    enum Status: String, Codable, Sendable { case pending, completed, failed, expired, unknown }

    var provider = "spotify"
    var state: String
    var status: Status
    var errorCode: OAuthErrorCode?
    var message: String?
    var createdAt: Timestamp?
    var expiresAt: Timestamp?
    var completedAt: Timestamp?

    enum CodingKeys: String, CodingKey {
        case provider, state, status, message
        case errorCode = "error_code"
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case completedAt = "completed_at"
    }

    init(_ state: String, _ status: Status) {
        self.state = state
        self.status = status
    }
}

/// The result of a claim on a sign-in.
enum SignInClaim: Sendable, Equatable {
    /// The caller has claimed the sign-in.
    case claimed(SignInDraft)
    /// No sign-in has this state.
    case unknown
    case expired
    /// Another request has claimed it before; the value is its present status.
    case alreadyClaimed(SignInStatus.Status)
}
