public import Foundation

/// A token that the stand-in takes.
public struct SpotifyToken: Sendable, Equatable {
    /// The scopes that reading playlists and saved tracks needs.
    public static let libraryScopes: Set<String> = [
        "playlist-read-private", "playlist-read-collaborative", "user-library-read",
    ]

    /// `nil` for one of the app itself (client credentials).
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
    /// Makes a token that is taken from now on.
    /// - Parameter user: whose; `nil` for one of the app.
    public func issueToken(
        user: String? = nil, scopes: Set<String> = SpotifyToken.libraryScopes, lifetime: TimeInterval = 3600
    ) -> String {
        let text = "stand-in-" + UUID().uuidString.lowercased()
        let token = SpotifyToken(user: user, scopes: scopes, expiresAt: Date(timeIntervalSinceNow: lifetime))
        fixture.withLock { $0.tokens[text] = token }
        return text
    }

    /// Lets a token's time be over.
    public func expireToken(_ text: String) { fixture.withLock { $0.tokens[text]?.expiresAt = .distantPast } }

    /// Lets the time of all tokens be over.
    public func expireTokens() {
        fixture.withLock { fixture in
            for text in fixture.tokens.keys { fixture.tokens[text]?.expiresAt = .distantPast }
        }
    }
}

extension SpotifyFixture {
    /// Who asks, and with which scopes.
    /// - Throws: 401, as Spotify says it.
    func caller(_ call: FakeCall) throws(FakeResponse) -> SpotifyToken {
        guard let text = call.bearer else { throw .spotify(401, "No token provided") }
        guard let token = tokens[text] else { throw .spotify(401, "Invalid access token") }
        guard token.expiresAt > Date() else { throw .spotify(401, "The access token expired") }
        return token
    }

    /// - Throws: 401 where nobody has signed in, 403 where a scope is missing.
    func user(_ token: SpotifyToken, with scope: String? = nil) throws(FakeResponse) -> String {
        guard let user = token.user else { throw .spotify(401, "Valid user authentication required") }
        if let scope, !token.scopes.contains(scope) { throw .spotify(403, "Insufficient client scope") }
        return user
    }
}

extension FakeResponse {
    /// An error of the Web API.
    static func spotify(_ status: Int, _ message: String) -> FakeResponse {
        .json(status, ["error": ["status": .integer(Int64(status)), "message": .string(message)]])
    }
}
