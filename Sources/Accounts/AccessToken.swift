public import Contracts
import Crypto
import Foundation

/// A token that authorises requests to Spotify. Its text is secret and appears in no log, error or description.
public struct AccessToken: Sendable, Equatable, CustomStringConvertible {
    public let text: String
    public let expiresAt: Timestamp

    public init(text: String, expiresAt: Timestamp) {
        self.text = text
        self.expiresAt = expiresAt
    }

    /// The SHA-256 of the text, in hexadecimal. It identifies a token without revealing it.
    public var digest: String { Data(SHA256.hash(data: Data(text.utf8))).hexadecimal }

    public var description: String { "an access token that expires at \(expiresAt)" }
}

/// The identity on whose behalf a request is made.
public enum SpotifyAccess: String, Codable, Sendable, CaseIterable {
    /// The app itself (client credentials): the catalogue, but no user's data.
    case app
    /// The signed-in user: also playlists and saved tracks.
    case user
}

/// A source of valid access tokens.
public protocol SpotifyTokens: Sendable {
    /// Returns a token that is valid for at least some seconds.
    /// - Parameter refused: A token to which Spotify has just responded with 401. It is not returned again.
    /// - Throws: ``TokenError``, `CancellationError`.
    func token(for access: SpotifyAccess, refused: AccessToken?) async throws -> AccessToken
}
