import Contracts
import Metadata

/// What must be kept of a sign-in until the user comes back: sealed.
struct SignInDraft: Codable, Sendable, Equatable {
    var verifier: String
    /// The same as was sent: Spotify compares.
    var redirectURI: String
    /// With which app it was begun.
    var clientID: String
}

/// A sign-in as it may be shown.
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

/// What became of the attempt to take a sign-in up.
enum SignInClaim: Sendable, Equatable {
    case mine(SignInDraft)
    /// No sign-in has this state.
    case unknown
    case expired
    /// Another request has it in hand, or had: this is what is known of it.
    case taken(SignInStatus.Status)
}
