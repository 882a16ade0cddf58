import Contracts
public import Foundation

/// Where the gateway answers other services, and nobody else.
public enum ChannelPath {
    public static let token = "/api/v1/internal/spotify/token"
    public static let secret = "/api/v1/internal/secrets"
}

/// Asks for an access token.
public struct TokenRequest: Codable, Sendable {
    public var access: SpotifyAccess
    /// The digest of the token that Spotify refused.
    public var refused: String?

    public init(access: SpotifyAccess, refused: String?) {
        self.access = access
        self.refused = refused
    }
}

/// The answer: a token, or why there is none. Goes sealed only.
public struct TokenReply: Codable, Sendable {
    /// A ``CatalogueError`` that another process understands.
    public struct Problem: Codable, Sendable {
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

    public init(_ token: AccessToken) {
        self.token = token.text
        expiresAt = token.expiresAt
    }

    public init(_ error: CatalogueError) {
        problem =
            switch error {
            case .signInNeeded(let message): Problem(kind: .signInNeeded, message: message)
            case .paused(let until, let message): Problem(kind: .paused, message: message, until: until)
            case .unavailable(let message), .closed(let message), .notFound(let message), .unsupported(let message):
                Problem(kind: .unavailable, message: message)
            }
    }

    /// - Throws: ``CatalogueError``.
    public func get() throws(CatalogueError) -> AccessToken {
        if let token, let expiresAt { return AccessToken(text: token, expiresAt: expiresAt) }
        switch (problem?.kind, problem?.until) {
        case (.signInNeeded, _): throw .signInNeeded(problem?.message ?? "")
        case (.paused, let until?): throw .paused(until: until, because: problem?.message ?? "")
        default: throw .unavailable(problem?.message ?? "the gateway's answer holds no token")
        }
    }
}

/// Asks for a secret.
public struct SecretRequest: Codable, Sendable {
    public var name: SecretName

    public init(name: SecretName) { self.name = name }
}

/// The answer: its value, where there is one. Goes sealed only.
public struct SecretReply: Codable, Sendable {
    public var value: String?
    /// Why the value cannot be used, and what to do.
    public var problem: String?

    public init(value: String? = nil, problem: String? = nil) {
        self.value = value
        self.problem = problem
    }
}

/// What goes over the wire.
public struct SealedReply: Codable, Sendable {
    public var sealed: Data

    public init(sealed: Data) { self.sealed = sealed }
}
