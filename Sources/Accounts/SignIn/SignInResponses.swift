import Contracts

/// The response to the start of a sign-in.
struct SignInStart: Encodable, Sendable {
    var provider = "spotify"
    /// The page that the user opens in a browser.
    var authorizationURL: String
    var state: String
    var codeChallengeMethod = ProofKey.method
    var redirectURI: String
    var expiresAt: Timestamp
    var manualCompletionAvailable = true
    var manualCompletionURL = "/api/v1/oauth/manual"

    init(authorizationURL: String, state: String, redirectURI: String, expiresAt: Timestamp) {
        self.authorizationURL = authorizationURL
        self.state = state
        self.redirectURI = redirectURI
        self.expiresAt = expiresAt
    }

    enum CodingKeys: String, CodingKey {
        case provider, state
        case authorizationURL = "authorization_url"
        case codeChallengeMethod = "code_challenge_method"
        case redirectURI = "redirect_uri"
        case expiresAt = "expires_at"
        case manualCompletionAvailable = "manual_completion_available"
        case manualCompletionURL = "manual_completion_url"
    }
}

/// The response to a pasted address.
struct ManualResponse: Encodable, Sendable {
    var ok: Bool
    var provider = "spotify"
    var state: String?
    var completedAt: Timestamp?
    var errorCode: OAuthErrorCode?
    var message: String
    /// The same error in the envelope of the API.
    var error: ErrorResponse.Body?

    enum CodingKeys: String, CodingKey {
        case ok, provider, state, message, error
        case completedAt = "completed_at"
        case errorCode = "error_code"
    }

    init(completed state: String, at time: Timestamp?) {
        ok = true
        self.state = state
        completedAt = time
        message = "signed in at Spotify"
    }

    init(_ failure: OAuthFailure) {
        ok = false
        errorCode = failure.code
        message = failure.message
        let code: APIErrorCode = failure.code == .manualRateLimited ? .rateLimited : .validationError
        error = ErrorResponse(code, failure.message, meta: ["error_code": .string(failure.code.rawValue)]).error
    }
}

/// Whether Spotify can be used, and for what.
struct SpotifyStatus: Encodable, Sendable, Equatable {
    enum Status: String, Encodable, Sendable { case connected, unauthenticated, unconfigured }

    var status: Status
    /// The mode without an account: jobs use the fields of their requests.
    var freeAvailable = true
    /// The mode with Spotify's catalogue, playlists and saved tracks.
    var proAvailable: Bool
    var authenticated: Bool
    /// Whether the catalogue can be used without a user.
    var clientCredentials: Bool
    var scopes: [String]
    var consentedAt: Timestamp?
    /// The end of the consent, and with it of the sign-in.
    var expiresAt: Timestamp?
    var needsLogin: Bool
    /// The reason why a sign-in is needed, with the remedy.
    var reason: String?
    var pausedUntil: Timestamp?

    enum CodingKeys: String, CodingKey {
        case status, authenticated, scopes, reason
        case freeAvailable = "free_available"
        case proAvailable = "pro_available"
        case clientCredentials = "client_credentials"
        case consentedAt = "consented_at"
        case expiresAt = "expires_at"
        case needsLogin = "needs_login"
        case pausedUntil = "paused_until"
    }

    init(_ app: SpotifyApp?, _ record: TokenRecord, at now: Timestamp) {
        let reason = app.map { record.reasonToSignIn(with: $0.id, at: now) } ?? SpotifyApp.missing
        authenticated = app != nil && reason == nil
        status = app == nil ? .unconfigured : authenticated ? .connected : .unauthenticated
        proAvailable = authenticated
        clientCredentials = app?.secret != nil
        scopes = authenticated ? record.scope.split(separator: " ").map(String.init) : []
        consentedAt = record.consentedAt
        expiresAt = record.consentEndsAt
        needsLogin = status == .unauthenticated
        self.reason = reason
        pausedUntil = record.pausedUntil.flatMap { $0 > now ? $0 : nil }
    }
}
