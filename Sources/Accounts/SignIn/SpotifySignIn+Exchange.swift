import Contracts
import Logging
import ServiceKit

extension SpotifySignIn {
    /// Exchanges the code for tokens and stores them, or records the failure.
    func finish(_ state: String, _ draft: SignInDraft, _ response: RedirectResponse) async throws {
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

    func earlierFailure(_ state: String) async throws -> OAuthFailure {
        let status = try await database.signIn(state)
        return OAuthFailure(
            status.errorCode ?? .tokenExchangeFailed, status.message ?? "the sign-in failed; start it again")
    }
}

extension SpotifySignIn {
    private static func refusal(_ error: String?) -> OAuthFailure {
        guard error == "access_denied" else {
            return OAuthFailure(.tokenExchangeFailed, "Spotify ended the sign-in with an error; start it again")
        }
        return OAuthFailure(.accessDenied, "the user did not agree; start the sign-in again to agree")
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
