import Contracts
import Foundation
import Logging
import Metadata

/// Where users sign in at Spotify: authorization code with PKCE (RFC 6749, RFC 7636).
struct SpotifySignIn: Sendable {
    let secrets: SecretStore
    let accounts: SpotifyAccounts
    let settings: SignInSettings
    let logger: Logger

    private var database: SecretDatabase { secrets.database }

    /// Pasted addresses in five minutes, over all gateways.
    private static let manualLimit = 10
    private static let manualWindow = Duration.seconds(300)

    /// Begins a sign-in; it is finished by whoever comes with its `state`.
    /// - Throws: `CatalogueError` `.signInNeeded` without an app's id; `SecretKeyError`.
    func start() async throws -> SignInStart {
        let app = try await SpotifyApp.required(secrets)
        let proof = ProofKey.make()
        let state = Nonce.make()
        let draft = SignInDraft(verifier: proof.verifier, redirectURI: settings.redirect.text, clientID: app.id)
        let end = try await database.begin(draft, state: state)
        logger.log(event: .oauthStarted, "a sign-in at Spotify begins", metadata: [LogKey.until: .string("\(end)")])
        return SignInStart(
            authorizationURL: accounts.authorizationURL(
                clientID: app.id, redirectURI: draft.redirectURI, scope: settings.scope, state: state, proof: proof),
            state: state, redirectURI: draft.redirectURI, expiresAt: end)
    }

    /// Finishes the sign-in that an answer belongs to. Doing it twice does it once.
    /// - Throws: `OAuthFailure`; other errors when the database cannot be used.
    func finish(_ answer: RedirectResponse) async throws {
        guard let state = answer.state else { throw Self.unknownState }
        guard answer.code != nil || answer.error != nil else {
            throw OAuthFailure(.invalidRedirect, "the address has no code: start the sign-in again")
        }
        switch try await database.claim(state) {
        case .mine(let draft): try await settle(state, draft, answer)
        case .taken(.completed): return
        case .taken(.failed): throw try await earlierFailure(state)
        case .taken(.pending): throw OAuthFailure(.stateMismatch, "this sign-in is being finished by another request")
        case .expired, .taken(.expired): throw Self.tooLate
        case .unknown, .taken(.unknown): throw Self.unknownState
        }
    }

    /// Finishes a sign-in with the address that the user's browser ended at.
    /// - Throws: as ``finish(_:)``.
    func finish(pasted text: String) async throws -> String {
        guard
            try await database.spend(
                UUID().uuidString, "manual", for: Self.manualWindow, limit: Self.manualLimit)
        else {
            throw OAuthFailure(.manualRateLimited, "too many addresses in a short time; wait five minutes")
        }
        guard let (answer, address) = RedirectResponse.read(text), address == settings.redirect.text,
            let state = answer.state, answer.code != nil || answer.error != nil
        else {
            throw OAuthFailure(
                .invalidRedirect,
                "this is not the address that Spotify sent the browser to: it begins with \(settings.redirect.text)"
                    + " and has a code and a state")
        }
        try await finish(answer)
        return state
    }

    /// What is known of a sign-in.
    func signIn(_ state: String) async throws -> SignInStatus { try await database.signIn(state) }

    /// Forgets the tokens. The consent itself is taken back at Spotify, in the account's list of apps.
    func signOut() async throws { try await database.forgetTokens() }

    /// Whether Spotify can be used.
    func status() async throws -> SpotifyStatus {
        SpotifyStatus(try await SpotifyApp.known(secrets), try await database.tokens(.user), at: database.clock())
    }

    private func settle(_ state: String, _ draft: SignInDraft, _ answer: RedirectResponse) async throws {
        do throws(OAuthFailure) {
            let tokens = try await exchange(draft, answer)
            try await keep(tokens, state, draft)
        } catch {
            OAuthMetrics.signedIn(error.code.rawValue)
            logger.log(
                event: .oauthFailed, level: .warning, "the sign-in at Spotify failed",
                metadata: [LogKey.code: .string(error.code.rawValue), LogKey.error: .string(error.message)])
            try await database.fail(state, error)
            throw error
        }
    }

    private func exchange(
        _ draft: SignInDraft, _ answer: RedirectResponse
    ) async throws(OAuthFailure) -> SpotifyTokenResponse {
        guard let code = answer.code, answer.error == nil else { throw Self.refusal(answer.error) }
        do throws(SpotifyAccountsError) {
            return try await accounts.tokens(
                code: code, redirectURI: draft.redirectURI, clientID: draft.clientID,
                proof: ProofKey(verifier: draft.verifier))
        } catch {
            throw OAuthFailure(exchange: error)
        }
    }

    private func keep(
        _ answer: SpotifyTokenResponse, _ state: String, _ draft: SignInDraft
    ) async throws(OAuthFailure) {
        guard answer.refreshToken != nil else {
            throw OAuthFailure(.tokenExchangeFailed, "Spotify gave no refresh token; start the sign-in again")
        }
        let scope = answer.scope ?? settings.scope
        let tokens = GrantedTokens(answer, clientID: draft.clientID, at: database.clock())
        do {
            try await database.complete(state, with: tokens, scope: scope)
        } catch {
            let reason = CatalogueError(secrets: error)
            throw OAuthFailure(.tokenExchangeFailed, "the tokens could not be kept: \(reason)")
        }
        OAuthMetrics.signedIn("completed")
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
        .stateMismatch, "no sign-in of this state was begun here, or it was long ago; start it again")
    private static let tooLate = OAuthFailure(.codeExpired, "the sign-in took longer than ten minutes; start it again")

    private static func refusal(_ error: String?) -> OAuthFailure {
        guard error == "access_denied" else {
            return OAuthFailure(.tokenExchangeFailed, "Spotify ended the sign-in with an error; start it again")
        }
        return OAuthFailure(.accessDenied, "the user did not agree; start the sign-in again to be asked again")
    }
}

extension OAuthFailure {
    /// Why a code brought no tokens.
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
