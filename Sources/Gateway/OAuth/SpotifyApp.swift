import Contracts
import Foundation
import GRDB
import Metadata

/// The app at Spotify with whose id requests are made.
struct SpotifyApp: Sendable {
    let id: String
    /// Needed for requests without a user only.
    let secret: String?

    /// `nil` when nobody gave an id.
    static func known(_ secrets: SecretStore) async throws -> SpotifyApp? {
        guard let id = try await secrets.value(.spotifyClientID) else { return nil }
        return SpotifyApp(id: id, secret: try await secrets.value(.spotifyClientSecret))
    }

    /// - Throws: `CatalogueError` `.signInNeeded` when nobody gave an id.
    static func required(_ secrets: SecretStore) async throws -> SpotifyApp {
        guard let app = try await known(secrets) else {
            throw CatalogueError.signInNeeded(
                "SPOTIFY_CLIENT_ID is not set; `hdm secrets set SPOTIFY_CLIENT_ID` sets it")
        }
        return app
    }
}

extension TokenRecord {
    /// Why somebody has to sign in, and what to do; `nil` when the tokens can be renewed.
    func reasonToSignIn(with clientID: String, at now: Timestamp) -> String? {
        let remedy = "; sign in with `hdm spotify login`"
        if let endedBecause { return endedBecause + remedy }
        guard let tokens, tokens.refreshToken != nil else { return "nobody is signed in at Spotify" + remedy }
        guard tokens.clientID == clientID else { return "SPOTIFY_CLIENT_ID has changed since the sign-in" + remedy }
        if let end = consentEndsAt, end <= now { return "the consent of six months ended at \(end)" + remedy }
        return nil
    }
}

extension CatalogueError {
    /// What goes wrong with the database of secrets, in words that hold nothing of it.
    init(secrets error: any Error) {
        self =
            switch error {
            case let error as CatalogueError: error
            case let error as SecretKeyError: .unavailable("the secrets' key \(error)")
            case let error as DatabaseError:
                .unavailable("the database of secrets cannot be used: \(error.resultCode)")
            case is CancellationError: .unavailable("the service stops")
            default: .unavailable("the secrets cannot be read: \(type(of: error))")
            }
    }

    /// Whether people have to do something.
    var asksForSignIn: Bool { if case .signInNeeded = self { true } else { false } }
}
