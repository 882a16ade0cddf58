import Contracts
import Foundation
import Logging
import ServiceKit

/// The owner of the tokens. Only it renews them, with one request at a time across all processes.
///
/// A refresh token is used up by a renewal. So the process that renews holds a lease in the database, and it stores
/// Spotify's response on the disk before it hands out the token. If it is killed before that, the new refresh token is
/// lost: the next renewal is refused, and a user must sign in again. That renewal is not retried.
actor StoredTokens: SpotifyTokens {
    private let secrets: SecretStore
    let accounts: SpotifyAccounts
    let logger: Logger
    let owner = UUID().uuidString
    private var renewals: [SpotifyAccess: Task<AccessToken, any Error>] = [:]

    /// Longer than a request to the accounts service can take.
    private static let lease = SpotifyAccounts.timeout * 4
    /// A token that is refused within this time after it was obtained is not renewed again.
    private static let minimumAge = Duration.seconds(30)

    var database: SecretDatabase { secrets.database }

    init(_ secrets: SecretStore, accounts: SpotifyAccounts, logger: Logger) {
        self.secrets = secrets
        self.accounts = accounts
        self.logger = logger
    }

    func token(for access: SpotifyAccess, refused: AccessToken?) async throws -> AccessToken {
        try await token(for: access, refusing: refused?.digest)
    }

    /// Returns a valid token, which is renewed if necessary.
    /// - Parameter digest: The digest of the token that Spotify refused.
    /// - Throws: ``TokenError``.
    func token(for access: SpotifyAccess, refusing digest: String?) async throws -> AccessToken {
        do {
            let app = try await SpotifyApp.required(secrets)
            // Without the app's secret, the user's token is used for every request.
            let kind = app.secret == nil ? .user : access
            if let renewal = renewals[kind] {
                let token = try await renewal.value
                if token.digest != digest { return token }
            }
            return try await sharedToken(kind, app, refusing: digest)
        } catch {
            throw TokenError(secrets: error)
        }
    }

    /// Waits for running renewals, so that their results are stored.
    func drain() async {
        for renewal in renewals.values { _ = await renewal.result }
    }

    /// Shares one task among concurrent callers. The task continues when they are cancelled.
    private func sharedToken(
        _ kind: SpotifyAccess, _ app: SpotifyApp, refusing digest: String?
    ) async throws -> AccessToken {
        if let renewal = renewals[kind] { return try await renewal.value }
        let renewal = Task {
            defer { renewals[kind] = nil }
            return try await obtainToken(kind, app, refusing: digest)
        }
        renewals[kind] = renewal
        return try await renewal.value
    }

    private func obtainToken(
        _ kind: SpotifyAccess, _ app: SpotifyApp, refusing digest: String?
    ) async throws -> AccessToken {
        let deadline = ContinuousClock.now + Self.lease
        while ContinuousClock.now < deadline {
            let now = database.clock()
            let record = try await database.tokens(kind)
            if let tokens = record.tokens, tokens.isUsable(for: app.id, at: now, refusing: digest) {
                return tokens.access
            }
            try checkRenewal(record, kind, app, now, refusing: digest)
            guard
                try await database.lease(kind, generation: record.generation, owner: owner, for: Self.lease)
            else {
                try await Task.sleep(for: .milliseconds(100))
                continue
            }
            if let token = try await renew(kind, record, app) { return token }
        }
        throw TokenError.unavailable("another process has been renewing the token for too long")
    }

    /// - Throws: ``TokenError`` when a request to Spotify would fail.
    private func checkRenewal(
        _ record: TokenRecord, _ kind: SpotifyAccess, _ app: SpotifyApp, _ now: Timestamp, refusing digest: String?
    ) throws(TokenError) {
        if kind == .user, let reason = record.reasonToSignIn(with: app.id, at: now) { throw .signInNeeded(reason) }
        if let until = record.pausedUntil, until > now {
            if let reason = record.endedBecause { throw .signInNeeded(reason) }
            throw .paused(until: until, because: "Spotify's accounts service accepts no requests")
        }
        if let tokens = record.tokens, tokens.access.digest == digest, now.since(tokens.obtainedAt) < Self.minimumAge {
            throw .unavailable("Spotify refuses a token that it has just issued")
        }
    }
}
