import Contracts
import Foundation
import Logging
import ServiceKit

/// Signs users in at Spotify: authorization code with PKCE (RFC 6749, RFC 7636).
struct SpotifySignIn: Sendable {
    let secrets: SecretStore
    let accounts: SpotifyAccounts
    let settings: SignInSettings
    let logger: Logger

    private var database: SecretDatabase { secrets.database }

    /// The number of addresses that may be pasted within the window, in all processes together.
    private static let manualLimit = 10
    private static let manualWindow = Duration.seconds(300)

    /// Starts a sign-in. A response with its `state` finishes it.
    /// - Throws: ``TokenError/signInNeeded(_:)`` without an app's id; `SecretKeyError`, `DatabaseError`.
    func start() async throws -> SignInStart {
        let app = try await SpotifyApp.required(secrets)
        let proof = ProofKey.make()
        let state = Nonce.make()
        let draft = SignInDraft(verifier: proof.verifier, redirectURI: settings.redirect.text, clientID: app.id)
        let end = try await database.insert(draft, state: state)
        logger.log(
            event: .oauthStarted, "a sign-in at Spotify was started", metadata: [LogKey.until: .string("\(end)")])
        return SignInStart(
            authorizationURL: accounts.authorizationURL(
                clientID: app.id, redirectURI: draft.redirectURI, scope: settings.scope, state: state, proof: proof),
            state: state, redirectURI: draft.redirectURI, expiresAt: end)
    }

    /// Finishes the sign-in that a response belongs to. A repetition has no further effect.
    /// - Throws: `OAuthFailure`; `SecretKeyError` or `DatabaseError` when the database cannot be used.
    func finish(_ response: RedirectResponse) async throws {
        guard let state = response.state else { throw Self.unknownState }
        guard response.code != nil || response.error != nil else {
            throw OAuthFailure(.invalidRedirect, "the address has no code: start the sign-in again")
        }
        switch try await database.claim(state) {
        case .claimed(let draft): try await finish(state, draft, response)
        case .alreadyClaimed(.completed): return
        case .alreadyClaimed(.failed): throw try await earlierFailure(state)
        case .alreadyClaimed(.pending):
            throw OAuthFailure(.stateMismatch, "this sign-in is being finished by another request")
        case .expired, .alreadyClaimed(.expired): throw Self.expired
        case .unknown, .alreadyClaimed(.unknown): throw Self.unknownState
        }
    }

    /// Finishes a sign-in with the address to which Spotify redirected the user's browser.
    /// - Returns: The state of the sign-in.
    /// - Throws: As ``finish(_:)``.
    func finish(pasted text: String) async throws -> String {
        guard
            try await database.spend(
                UUID().uuidString, "manual", for: Self.manualWindow, limit: Self.manualLimit)
        else {
            throw OAuthFailure(.manualRateLimited, "too many addresses in a short time; wait five minutes")
        }
        guard let (response, address) = RedirectResponse.read(text), address == settings.redirect.text,
            let state = response.state, response.code != nil || response.error != nil
        else {
            throw OAuthFailure(
                .invalidRedirect,
                "this is not the address to which Spotify redirected the browser: that begins with"
                    + " \(settings.redirect.text) and has a code and a state")
        }
        try await finish(response)
        return state
    }

    /// Returns the public state of a sign-in.
    func signIn(_ state: String) async throws -> SignInStatus { try await database.signIn(state) }

    /// Deletes the tokens. A user revokes the consent itself at Spotify, in the account's list of apps.
    func signOut() async throws { try await database.deleteTokens() }

    /// Returns whether Spotify can be used.
    func status() async throws -> SpotifyStatus {
        SpotifyStatus(try await SpotifyApp.configured(secrets), try await database.tokens(.user), at: database.clock())
    }
}

// MARK: - Exchanging the code

extension SpotifySignIn {
    private func finish(_ state: String, _ draft: SignInDraft, _ response: RedirectResponse) async throws {
        do throws(OAuthFailure) {
            let tokens = try await exchange(draft, response)
            try await store(tokens, state, draft)
        } catch {
            OAuthMetrics.countSignIn(error.code.rawValue)
            logger.log(
                event: .oauthFailed, level: .warning, "the sign-in at Spotify failed",
                metadata: [LogKey.code: .string(error.code.rawValue), LogKey.error: .string(error.message)])
            try await database.fail(state, error)
            throw error
        }
    }

    private func exchange(
        _ draft: SignInDraft, _ response: RedirectResponse
    ) async throws(OAuthFailure) -> SpotifyTokenResponse {
        guard let code = response.code, response.error == nil else { throw Self.refusal(response.error) }
        do throws(SpotifyAccountsError) {
            return try await accounts.tokens(
                code: code, redirectURI: draft.redirectURI, clientID: draft.clientID,
                proof: ProofKey(verifier: draft.verifier))
        } catch {
            throw OAuthFailure(exchange: error)
        }
    }

    private func store(
        _ response: SpotifyTokenResponse, _ state: String, _ draft: SignInDraft
    ) async throws(OAuthFailure) {
        guard response.refreshToken != nil else {
            throw OAuthFailure(.tokenExchangeFailed, "Spotify returned no refresh token; start the sign-in again")
        }
        let scope = response.scope ?? settings.scope
        let tokens = GrantedTokens(response, clientID: draft.clientID, at: database.clock())
        do {
            try await database.complete(state, with: tokens, scope: scope)
        } catch {
            throw OAuthFailure(
                .tokenExchangeFailed, "the tokens could not be stored: \(TokenError(secrets: error)); sign in again")
        }
        OAuthMetrics.countSignIn("completed")
        logger.log(event: .oauthCompleted, "signed in at Spotify", metadata: ["scope": .string(scope)])
    }

    private func earlierFailure(_ state: String) async throws -> OAuthFailure {
        let status = try await database.signIn(state)
        return OAuthFailure(
            status.errorCode ?? .tokenExchangeFailed, status.message ?? "the sign-in failed; start it again")
    }
}

// MARK: - Refusals

extension SpotifySignIn {
    private static let unknownState = OAuthFailure(
        .stateMismatch, "no sign-in with this state was started here, or it is too old; start it again")
    private static let expired = OAuthFailure(
        .codeExpired, "the sign-in took longer than ten minutes; start it again")

    private static func refusal(_ error: String?) -> OAuthFailure {
        guard error == "access_denied" else {
            return OAuthFailure(.tokenExchangeFailed, "Spotify ended the sign-in with an error; start it again")
        }
        return OAuthFailure(.accessDenied, "the user did not agree; start the sign-in again to be asked again")
    }
}

extension OAuthFailure {
    /// The reason why the exchange of a code failed.
    fileprivate init(exchange error: SpotifyAccountsError) {
        guard case .refused(let refusal) = error else {
            self.init(.tokenExchangeFailed, "\(error); start the sign-in again")
            return
        }
        switch (refusal.error, refusal.text) {
        case ("invalid_grant", "Authorization code expired"):
            self.init(.codeExpired, "\(error); start the sign-in again")
        case (_, "Invalid redirect URI"):
            self.init(.invalidRedirect, "\(error); the app's settings at Spotify must list SPOTIFY_REDIRECT_URI")
        case ("invalid_client", _), ("unauthorized_client", _):
            self.init(.tokenExchangeFailed, "\(error); check SPOTIFY_CLIENT_ID")
        default: self.init(.tokenExchangeFailed, "\(error); start the sign-in again")
        }
    }
}
