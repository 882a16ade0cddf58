import Contracts
import Foundation

/// The paths of the routes for other services.
public enum ChannelPath {
    public static let token = "/api/v1/internal/spotify/token"
    public static let secret = "/api/v1/internal/secrets"
}

/// A request for an access token.
struct TokenRequest: Codable, Sendable {
    var access: SpotifyAccess
    /// The digest of the token that Spotify refused.
    var refused: String?
}

/// The reply: a token, or the reason why there is none. It is only sent sealed.
struct TokenReply: Codable, Sendable {
    /// A ``TokenError`` on the wire.
    struct Problem: Codable, Sendable {
        enum Kind: String, Codable { case signInNeeded = "sign_in_needed", paused, unavailable }

        var kind: Kind
        var message: String
        var until: Timestamp?
    }

    var token: String?
    var expiresAt: Timestamp?
    var problem: Problem?

    enum CodingKeys: String, CodingKey {
        case token, problem
        case expiresAt = "expires_at"
    }

    init(_ token: AccessToken) {
        self.token = token.text
        expiresAt = token.expiresAt
    }

    init(_ error: TokenError) {
        problem =
            switch error {
            case .signInNeeded(let message): Problem(kind: .signInNeeded, message: message)
            case .paused(let until, let message): Problem(kind: .paused, message: message, until: until)
            case .unavailable(let message): Problem(kind: .unavailable, message: message)
            }
    }

    /// Returns the token.
    /// - Throws: The error of the reply.
    func get() throws(TokenError) -> AccessToken {
        if let token, let expiresAt { return AccessToken(text: token, expiresAt: expiresAt) }
        switch (problem?.kind, problem?.until) {
        case (.signInNeeded, _): throw .signInNeeded(problem?.message ?? "")
        case (.paused, let until?): throw .paused(until: until, because: problem?.message ?? "")
        default: throw .unavailable(problem?.message ?? "the planner's reply contains no token")
        }
    }
}

/// A request for a secret.
struct SecretRequest: Codable, Sendable {
    var name: SecretName
}

/// The reply: the secret's value, if it is set. It is only sent sealed.
struct SecretReply: Codable, Sendable {
    var value: String?
    /// The reason why the value cannot be used, with the remedy.
    var problem: String?

    init(value: String? = nil, problem: String? = nil) {
        self.value = value
        self.problem = problem
    }
}

/// A sealed reply as JSON.
struct SealedReply: Codable, Sendable {
    var sealed: Data
}
