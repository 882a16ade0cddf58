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

    var database: SecretDatabase { secrets.database }

    /// The number of addresses that may be pasted within the window, in all processes together.
    private static let manualLimit = 10
    private static let manualWindow = Duration.seconds(300)

    private static let unknownState = OAuthFailure(
        .stateMismatch, "no sign-in with this state was started here, or it is too old; start it again")
    private static let expired = OAuthFailure(
        .codeExpired, "the sign-in took longer than ten minutes; start it again")

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
