/// The app at Spotify on whose behalf requests are made.
struct SpotifyApp: Sendable {
    let id: String
    /// Needed only for requests without a user.
    let secret: String?

    /// Reads the app's credentials; `nil` when no id is set.
    static func configured(_ secrets: SecretStore) async throws -> SpotifyApp? {
        guard let id = try await secrets.value(.spotifyClientID) else { return nil }
        return SpotifyApp(id: id, secret: try await secrets.value(.spotifyClientSecret))
    }

    /// Reads the app's credentials.
    /// - Throws: ``TokenError/signInNeeded(_:)`` when no id is set.
    static func required(_ secrets: SecretStore) async throws -> SpotifyApp {
        guard let app = try await configured(secrets) else { throw TokenError.signInNeeded(missing) }
        return app
    }

    static let missing = "SPOTIFY_CLIENT_ID is not set; `hdm secrets set SPOTIFY_CLIENT_ID` sets it"
}
