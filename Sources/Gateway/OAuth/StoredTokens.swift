import Contracts
import Foundation
import Logging
import Metadata

/// The owner of the tokens: it alone renews them, one request at a time, over all gateways.
///
/// A refresh token is spent by using it. So whoever renews holds a lease in the database, and what Spotify answers is on
/// the disk before anybody gets it. When a process dies between the two, the new refresh token is lost: the next attempt
/// is refused, and somebody has to sign in again. That is asked for, and not tried again.
actor StoredTokens: SpotifyTokens {
    private let secrets: SecretStore
    private let accounts: SpotifyAccounts
    private let logger: Logger
    private let owner = UUID().uuidString
    private var flights: [SpotifyAccess: Task<AccessToken, any Error>] = [:]

    /// Longer than a request to the accounts service may take.
    private static let lease = SpotifyAccounts.timeout * 4
    /// After credentials were refused, which nothing but a change of settings cures.
    private static let refusalPause = Duration.seconds(600)
    /// A token that is refused so soon after it was given is not cured by another one.
    private static let youth = Duration.seconds(30)

    private var database: SecretDatabase { secrets.database }

    init(_ secrets: SecretStore, accounts: SpotifyAccounts, logger: Logger) {
        self.secrets = secrets
        self.accounts = accounts
        self.logger = logger
    }

    func token(for access: SpotifyAccess, refused: AccessToken?) async throws -> AccessToken {
        try await token(for: access, refusing: refused?.digest)
    }

    /// - Parameter digest: of the token that Spotify refused.
    /// - Throws: `CatalogueError`.
    func token(for access: SpotifyAccess, refusing digest: String?) async throws -> AccessToken {
        do {
            let app = try await SpotifyApp.required(secrets)
            // Without the app's secret, the user's token serves for everything.
            let kind = app.secret == nil ? .user : access
            if let flight = flights[kind] {
                let token = try await flight.value
                if token.digest != digest { return token }
            }
            return try await fly(kind, app, refusing: digest)
        } catch {
            throw CatalogueError(secrets: error)
        }
    }

    /// Waits for renewals under way, so that what Spotify answers is kept.
    func drain() async {
        for flight in flights.values { _ = await flight.result }
    }

    /// One for all who ask at the same time; it goes on when they no longer wait for it.
    private func fly(_ kind: SpotifyAccess, _ app: SpotifyApp, refusing digest: String?) async throws -> AccessToken {
        if let flight = flights[kind] { return try await flight.value }
        let flight = Task {
            defer { flights[kind] = nil }
            return try await obtain(kind, app, refusing: digest)
        }
        flights[kind] = flight
        return try await flight.value
    }

    private func obtain(
        _ kind: SpotifyAccess, _ app: SpotifyApp, refusing digest: String?
    ) async throws -> AccessToken {
        let deadline = ContinuousClock.now + Self.lease
        while ContinuousClock.now < deadline {
            let now = database.clock()
            let record = try await database.tokens(kind)
            if let tokens = record.tokens, tokens.isGood(for: app.id, at: now, refusing: digest) {
                return tokens.access
            }
            try check(record, kind, app, now, refusing: digest)
            guard
                try await database.lease(kind, generation: record.generation, owner: owner, for: Self.lease)
            else {
                try await Task.sleep(for: .milliseconds(100))
                continue
            }
            if let token = try await renew(kind, record, app) { return token }
        }
        throw CatalogueError.unavailable("another gateway has been renewing the token for too long")
    }

    /// Whether it makes sense to ask Spotify.
    private func check(
        _ record: TokenRecord, _ kind: SpotifyAccess, _ app: SpotifyApp, _ now: Timestamp, refusing digest: String?
    ) throws {
        if kind == .user, let reason = record.reasonToSignIn(with: app.id, at: now) {
            throw CatalogueError.signInNeeded(reason)
        }
        if let until = record.pausedUntil, until > now {
            if let reason = record.endedBecause { throw CatalogueError.signInNeeded(reason) }
            throw CatalogueError.paused(until: until, because: "Spotify's accounts service takes no requests")
        }
        if let tokens = record.tokens, tokens.access.digest == digest, now.since(tokens.obtainedAt) < Self.youth {
            throw CatalogueError.unavailable("Spotify refuses a token that it has just given")
        }
    }

    /// - Returns: `nil` when others changed the tokens meanwhile.
    private func renew(_ kind: SpotifyAccess, _ record: TokenRecord, _ app: SpotifyApp) async throws -> AccessToken? {
        let answer: SpotifyTokenResponse
        do throws(SpotifyAccountsError) {
            answer = try await ask(kind, record, app)
        } catch {
            OAuthMetrics.renewed(kind, error.word)
            return try await settle(error, kind, record)
        }
        OAuthMetrics.renewed(kind, "renewed")
        let tokens = GrantedTokens(
            answer, clientID: app.id, at: database.clock(), former: record.tokens?.refreshToken)
        let isKept = try await database.renew(kind, tokens, generation: record.generation)
        return isKept ? tokens.access : nil
    }

    private func ask(
        _ kind: SpotifyAccess, _ record: TokenRecord, _ app: SpotifyApp
    ) async throws(SpotifyAccountsError) -> SpotifyTokenResponse {
        switch kind {
        case .user:
            try await accounts.tokens(refreshToken: record.tokens?.refreshToken ?? "", clientID: app.id)
        case .app: try await accounts.token(clientID: app.id, clientSecret: app.secret ?? "")
        }
    }

    /// Writes down what a failure means, gives the lease back, and tells.
    private func settle(
        _ error: SpotifyAccountsError, _ kind: SpotifyAccess, _ record: TokenRecord
    ) async throws -> AccessToken? {
        let end = ending(of: error, kind)
        let applies = try await database.release(
            kind, generation: record.generation, owner: owner, ended: end.reason, pause: end.pause)
        // Somebody has signed in anew, or another gateway was faster: look again.
        guard applies else { return nil }
        if end.reason != nil || end.failure.asksForSignIn {
            logger.log(
                event: .oauthLoginNeeded, level: .warning, "somebody has to sign in at Spotify again",
                metadata: [LogKey.error: .string("\(error)")])
        }
        throw end.failure
    }

    private func ending(
        of error: SpotifyAccountsError, _ kind: SpotifyAccess
    ) -> (failure: CatalogueError, reason: String?, pause: Timestamp?) {
        switch error {
        case .refused(let refusal) where refusal.isGrantGone && kind == .user:
            return (.signInNeeded("\(error)"), "\(error)", nil)
        case .refused:
            let reason = "\(error); check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET"
            // A user's sign-in is not over by that: another id may have been given by mistake.
            return (.signInNeeded(reason), kind == .app ? reason : nil, database.clock() + Self.refusalPause)
        case .limited(let span):
            let until = database.clock() + span
            return (.paused(until: until, because: "\(error)"), nil, until)
        case .unreachable, .unusable: return (.unavailable("\(error)"), nil, nil)
        }
    }
}
