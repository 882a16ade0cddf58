import Contracts
import Logging
import ServiceKit

extension StoredTokens {
    /// The pause after refused credentials, which only a change of settings can cure.
    private static let refusalPause = Duration.seconds(600)

    /// Renews the tokens under the lease.
    /// - Returns: `nil` when the tokens have changed since; then the caller reads them again.
    func renew(_ kind: SpotifyAccess, _ record: TokenRecord, _ app: SpotifyApp) async throws -> AccessToken? {
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
