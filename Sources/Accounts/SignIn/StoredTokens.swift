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
    private let accounts: SpotifyAccounts
    private let logger: Logger
    private let owner = UUID().uuidString
    private var renewals: [SpotifyAccess: Task<AccessToken, any Error>] = [:]

    /// Longer than a request to the accounts service can take.
    private static let lease = SpotifyAccounts.timeout * 4
    /// The pause after refused credentials, which only a change of settings can cure.
    private static let refusalPause = Duration.seconds(600)
    /// A token that is refused within this time after it was obtained is not renewed again.
    private static let minimumAge = Duration.seconds(30)

    private var database: SecretDatabase { secrets.database }

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

// MARK: - Renewing

extension StoredTokens {
    /// - Returns: `nil` when the tokens have changed since; then the caller reads them again.
    private func renew(_ kind: SpotifyAccess, _ record: TokenRecord, _ app: SpotifyApp) async throws -> AccessToken? {
        let response: SpotifyTokenResponse
        do throws(SpotifyAccountsError) {
            response = try await requestTokens(kind, record, app)
        } catch {
            OAuthMetrics.countRenewal(kind, error.label)
            try await recordFailure(error, kind, record)
            return nil
        }
        OAuthMetrics.countRenewal(kind, "renewed")
        let tokens = GrantedTokens(
            response, clientID: app.id, at: database.clock(), former: record.tokens?.refreshToken)
        let isStored = try await database.renew(kind, tokens, generation: record.generation)
        return isStored ? tokens.access : nil
    }

    private func requestTokens(
        _ kind: SpotifyAccess, _ record: TokenRecord, _ app: SpotifyApp
    ) async throws(SpotifyAccountsError) -> SpotifyTokenResponse {
        switch kind {
        case .user:
            try await accounts.tokens(refreshToken: record.tokens?.refreshToken ?? "", clientID: app.id)
        case .app: try await accounts.token(clientID: app.id, clientSecret: app.secret ?? "")
        }
    }

    /// Records the consequences of a failed renewal and releases the lease.
    /// - Throws: ``TokenError``, unless the tokens have changed since: after a new sign-in, or when another process was
    ///   faster.
    private func recordFailure(
        _ error: SpotifyAccountsError, _ kind: SpotifyAccess, _ record: TokenRecord
    ) async throws {
        let consequences = consequences(of: error, kind)
        let applies = try await database.release(
            kind, generation: record.generation, owner: owner, ended: consequences.reason, pause: consequences.pause)
        guard applies else { return }
        if consequences.reason != nil || consequences.failure.isSignInNeeded {
            logger.log(
                event: .oauthLoginNeeded, level: .warning, "a user must sign in at Spotify again",
                metadata: [LogKey.error: .string("\(error)")])
        }
        throw consequences.failure
    }

    private func consequences(
        of error: SpotifyAccountsError, _ kind: SpotifyAccess
    ) -> (failure: TokenError, reason: String?, pause: Timestamp?) {
        switch error {
        case .refused(let refusal) where refusal.isGrantInvalid && kind == .user:
            return (.signInNeeded("\(error)"), "\(error)", nil)
        case .refused:
            let reason = "\(error); check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET"
            // The user's sign-in stays valid: the wrong id may have been set by mistake.
            return (.signInNeeded(reason), kind == .app ? reason : nil, database.clock() + Self.refusalPause)
        case .limited(let span):
            let until = database.clock() + span
            return (.paused(until: until, because: "\(error)"), nil, until)
        case .unreachable, .unusable: return (.unavailable("\(error)"), nil, nil)
        }
    }
}
