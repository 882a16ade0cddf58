import Contracts
import Crypto
import Foundation
import Metadata

/// Tokens as they are kept: sealed.
struct GrantedTokens: Codable, Sendable, CustomStringConvertible {
    var accessToken: String
    var obtainedAt: Timestamp
    var expiresAt: Timestamp
    /// Of a user alone.
    var refreshToken: String?
    /// They are good with this app only.
    var clientID: String

    /// - Parameter former: the refresh token that stays good when the answer brings none.
    init(_ answer: SpotifyTokenResponse, clientID: String, at now: Timestamp, former: String? = nil) {
        accessToken = answer.accessToken
        obtainedAt = now
        expiresAt = now + .seconds(min(max(answer.seconds, 0), 86_400))
        refreshToken = answer.refreshToken ?? former
        self.clientID = clientID
    }

    var access: AccessToken { AccessToken(text: accessToken, expiresAt: expiresAt) }

    /// Whether the token may be given out: for the app in use, for a while yet, and not the one that was refused.
    func isGood(for clientID: String, at now: Timestamp, refusing digest: String?) -> Bool {
        self.clientID == clientID && expiresAt > now + Self.margin && access.digest != digest
    }

    /// Tokens are renewed a little before their end.
    static let margin = Duration.seconds(60)

    var description: String { "tokens until \(expiresAt)" }
}

/// What is known of the tokens for one kind of access.
struct TokenRecord: Sendable {
    /// `nil` when there are none, or none that open.
    var tokens: GrantedTokens?
    /// Grows with every change, so that nobody writes over what it has not seen.
    var generation: Int64 = 0
    var scope = ""
    /// When the user agreed.
    var consentedAt: Timestamp?
    /// Why Spotify takes the refresh token no more.
    var endedBecause: String?
    /// No requests to the accounts service before.
    var pausedUntil: Timestamp?

    init() {}

    /// Six months after the consent a refresh token ends, however often it is renewed.
    var consentEndsAt: Timestamp? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return consentedAt.flatMap { calendar.date(byAdding: .month, value: 6, to: $0.date) }.map(Timestamp.init)
    }
}
