public import Contracts

/// What a request to Spotify is allowed with. Its text is a secret: never in a log, an error or a description.
public struct AccessToken: Sendable, Equatable, CustomStringConvertible {
    public let text: String
    public let expiresAt: Timestamp

    public init(text: String, expiresAt: Timestamp) {
        self.text = text
        self.expiresAt = expiresAt
    }

    public var description: String { "an access token until \(expiresAt)" }
}

/// For whom a request is made.
public enum SpotifyAccess: String, Codable, Sendable, CaseIterable {
    /// For the app (client credentials): the catalogue, no user's data.
    case app
    /// For the signed-in user: playlists, saved tracks.
    case user
}

/// The one place that has tokens, for all processes: it alone refreshes them.
public protocol SpotifyTokens: Sendable {
    /// A token that is valid for a while.
    /// - Parameter refused: the token that Spotify has just answered with 401, so that it is not given out again.
    /// - Throws: ``CatalogueError``: `signInNeeded`, `paused`, `unavailable`.
    func token(for access: SpotifyAccess, refused: AccessToken?) async throws -> AccessToken
}
