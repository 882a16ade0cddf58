public import Foundation

/// A token that the fake accepts.
public struct SpotifyToken: Sendable, Equatable {
    /// The scopes for reading playlists and saved tracks.
    public static let libraryScopes: Set<String> = [
        "playlist-read-private", "playlist-read-collaborative", "user-library-read",
    ]

    /// The user; `nil` for a token of the app itself (client credentials).
    public var user: String?
    public var scopes: Set<String>
    public var expiresAt: Date

    public init(user: String?, scopes: Set<String>, expiresAt: Date) {
        self.user = user
        self.scopes = scopes
        self.expiresAt = expiresAt
    }
}

extension FakeSpotify {
    /// Issues a token.
    /// - Parameter user: The user of the token; `nil` for a token of the app.
    public func issueToken(
        user: String? = nil, scopes: Set<String> = SpotifyToken.libraryScopes, lifetime: TimeInterval = 3600
    ) -> String {
        let text = "fake-token-" + UUID().uuidString.lowercased()
        let token = SpotifyToken(user: user, scopes: scopes, expiresAt: Date(timeIntervalSinceNow: lifetime))
        fixture.withLock { $0.tokens[text] = token }
        return text
    }

    /// Expires a token.
    public func expireToken(_ text: String) { fixture.withLock { $0.tokens[text]?.expiresAt = .distantPast } }

    /// Expires all tokens.
    public func expireTokens() {
        fixture.withLock { fixture in
            for text in fixture.tokens.keys { fixture.tokens[text]?.expiresAt = .distantPast }
        }
    }
}

extension SpotifyFixture {
    /// Returns the token of a request.
    /// - Throws: 401 if it is missing, unknown or expired.
    func caller(_ call: FakeCall) throws(FakeResponse) -> SpotifyToken {
        guard let text = call.bearer else { throw .spotify(401, "No token provided") }
        guard let token = tokens[text] else { throw .spotify(401, "Invalid access token") }
        guard token.expiresAt > Date() else { throw .spotify(401, "The access token expired") }
        return token
    }

    /// Returns the user of a token.
    /// - Throws: 401 for a token of the app, 403 if the scope is missing.
    func user(_ token: SpotifyToken, with scope: String? = nil) throws(FakeResponse) -> String {
        guard let user = token.user else { throw .spotify(401, "Valid user authentication required") }
        if let scope, !token.scopes.contains(scope) { throw .spotify(403, "Insufficient client scope") }
        return user
    }
}

extension FakeResponse {
    /// Creates an error response of the Web API.
    static func spotify(_ status: Int, _ message: String) -> FakeResponse {
        .json(status, ["error": ["status": .integer(Int64(status)), "message": .string(message)]])
    }
}
