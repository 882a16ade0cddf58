import Contracts
import Foundation

/// Tokens that Spotify issued. They are stored sealed.
struct GrantedTokens: Codable, Sendable, CustomStringConvertible {
    var accessToken: String
    var obtainedAt: Timestamp
    var expiresAt: Timestamp
    /// Present only for a user's tokens.
    var refreshToken: String?
    /// The app to which the tokens belong.
    var clientID: String

    /// The time before its end at which a token is renewed.
    static let margin = Duration.seconds(60)

    /// - Parameter former: The refresh token that stays valid when the response has none.
    init(_ response: SpotifyTokenResponse, clientID: String, at now: Timestamp, former: String? = nil) {
        accessToken = response.accessToken
        obtainedAt = now
        expiresAt = now + .seconds(min(max(response.lifetime, 0), 86_400))
        refreshToken = response.refreshToken ?? former
        self.clientID = clientID
    }

    var access: AccessToken { AccessToken(text: accessToken, expiresAt: expiresAt) }

    /// Whether the token may be handed out: it belongs to the app, is valid for some time, and was not refused.
    /// - Parameter digest: The digest of the token that Spotify refused.
    func isUsable(for clientID: String, at now: Timestamp, refusing digest: String?) -> Bool {
        self.clientID == clientID && expiresAt > now + Self.margin && access.digest != digest
    }

    var description: String { "tokens that expire at \(expiresAt)" }
}

/// The stored state of the tokens for one kind of access.
struct TokenRecord: Sendable {
    /// `nil` when there are none, or when they do not open.
    var tokens: GrantedTokens?
    /// Grows with each change, so that no process overwrites a state that it has not read.
    var generation: Int64 = 0
    var scope = ""
    /// The time at which the user agreed.
    var consentedAt: Timestamp?
    /// The reason why Spotify no longer accepts the refresh token.
    var endedBecause: String?
    /// The accounts service accepts no requests before this time.
    var pausedUntil: Timestamp?

    init() {}

    /// The end of the consent: Spotify ends it after six months, however often the token is renewed.
    var consentEndsAt: Timestamp? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return consentedAt.flatMap { calendar.date(byAdding: .month, value: 6, to: $0.date) }.map(Timestamp.init)
    }

    /// Returns the reason why a user must sign in, with the remedy; `nil` when the tokens can be renewed.
    func reasonToSignIn(with clientID: String, at now: Timestamp) -> String? {
        let remedy = "; sign in with `hdm spotify login`"
        if let endedBecause { return endedBecause + remedy }
        guard let tokens, tokens.refreshToken != nil else { return "no user is signed in at Spotify" + remedy }
        guard tokens.clientID == clientID else { return "SPOTIFY_CLIENT_ID has changed since the sign-in" + remedy }
        if let end = consentEndsAt, end <= now { return "the consent of six months ended at \(end)" + remedy }
        return nil
    }
}
