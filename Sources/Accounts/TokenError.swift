public import Contracts
import GRDB

/// The reason why there is no access token.
public enum TokenError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A user must sign in (again), or credentials are missing or were refused. A retry does not help.
    case signInNeeded(String)
    /// Spotify's accounts service accepts no requests before a time.
    case paused(until: Timestamp, because: String)
    /// The secrets or Spotify's accounts service cannot be used now. A retry may help.
    case unavailable(String)

    public var description: String {
        switch self {
        case .signInNeeded(let reason): "a sign-in at Spotify is needed: \(reason)"
        case .paused(let until, let reason): "Spotify accepts no requests before \(until): \(reason)"
        case .unavailable(let reason): "there is no access token: \(reason)"
        }
    }
}

extension TokenError {
    /// Describes a failure of the secrets database without revealing its content.
    init(secrets error: any Error) {
        self =
            switch error {
            case let error as TokenError: error
            case let error as SecretKeyError: .unavailable("the secrets' key \(error)")
            case let error as DatabaseError:
                .unavailable("the secrets database cannot be used: \(error.resultCode)")
            case is CancellationError: .unavailable("the service is stopping")
            default: .unavailable("the secrets cannot be read: \(type(of: error))")
            }
    }

    /// Whether a person has to act before a token is available.
    public var isSignInNeeded: Bool { if case .signInNeeded = self { true } else { false } }
}
