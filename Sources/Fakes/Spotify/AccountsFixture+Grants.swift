import Foundation

extension AccountsFixture {
    /// A token request: the fields of its form, and the credentials of HTTP Basic, if there are any.
    struct TokenRequest: Sendable {
        var form: [String: String]
        var basic: (id: String, secret: String)?
        var isForm: Bool

        var grantType: String { form["grant_type"] ?? "" }
    }

    mutating func response(to request: TokenRequest, _ store: SpotifyTokenStore, now: Date) -> AccountsResponse {
        guard request.isForm else { return .refusal("invalid_request", "unsupported content type") }
        switch request.grantType {
        case "authorization_code": return exchange(request, store, now)
        case "refresh_token": return refresh(request, store, now)
        case "client_credentials": return credentials(request, store)
        default:
            return AccountsResponse(
                status: 400,
                body: #"{"error":"unsupported_grant_type","error_description":"grant_type parameter is missing"}"#)
        }
    }

    private mutating func exchange(
        _ request: TokenRequest, _ store: SpotifyTokenStore, _ now: Date
    ) -> AccountsResponse {
        let text = request.form["code"] ?? ""
        guard let code = codes[text], !code.isUsed else {
            return .refusal("invalid_grant", "Invalid authorization code")
        }
        if let refusal = refusal(of: request, withProof: code.challenge != nil) { return refusal }
        codes[text]?.isUsed = true
        guard now.timeIntervalSince(code.issuedAt) < Self.codeLifetime else {
            return .refusal("invalid_grant", "Authorization code expired")
        }
        guard request.form["redirect_uri"] == code.redirectURI else {
            return .refusal("invalid_grant", "Invalid redirect URI")
        }
        if let challenge = code.challenge {
            guard let verifier = request.form["code_verifier"], Self.isVerifier(verifier),
                Self.challenge(of: verifier) == challenge
            else { return .refusal("invalid_grant", "code_verifier was incorrect") }
        }
        let grant = Grant(
            clientID: code.clientID, scope: code.scope, consentedAt: now, isWithProof: code.challenge != nil)
        return tokens(for: grant, store, newRefreshToken: true)
    }

    private mutating func refresh(
        _ request: TokenRequest, _ store: SpotifyTokenStore, _ now: Date
    ) -> AccountsResponse {
        let text = request.form["refresh_token"] ?? ""
        guard let grant = grants[text] else { return .refusal("invalid_grant", "Invalid refresh token") }
        if let refusal = refusal(of: request, withProof: grant.isWithProof) { return refusal }
        guard !grant.isRevoked, now < Self.consentEnd(grant.consentedAt) else {
            return .refusal("invalid_grant", "Refresh token revoked")
        }
        // A refresh token of an app with a proof key can be used once.
        if grant.isWithProof { grants[text]?.isRevoked = true }
        return tokens(for: grant, store, newRefreshToken: grant.isWithProof)
    }

    private func credentials(_ request: TokenRequest, _ store: SpotifyTokenStore) -> AccountsResponse {
        guard request.basic != nil else { return .refusal("invalid_client", "") }
        if let refusal = refusal(of: request, withProof: false) { return refusal }
        let token = store.issue(.app)
        return AccountsResponse(
            status: 200, body: #"{"access_token":"\#(token)","token_type":"Bearer","expires_in":3600}"#)
    }

    /// Returns the refusal of an app; `nil` if it is accepted. Apps with a proof key send their id in the form, others
    /// send their secret.
    private func refusal(of request: TokenRequest, withProof: Bool) -> AccountsResponse? {
        if let basic = request.basic {
            guard basic.id == app.clientID else { return .refusal("invalid_client", "Invalid client") }
            return basic.secret == app.clientSecret ? nil : .refusal("invalid_client", "Invalid client secret")
        }
        guard withProof, request.form["client_id"] == app.clientID else {
            return .refusal("invalid_client", "Invalid client")
        }
        return nil
    }

    private mutating func tokens(
        for grant: Grant, _ store: SpotifyTokenStore, newRefreshToken: Bool
    ) -> AccountsResponse {
        let access = store.issue(.user(scopes: Set(grant.scope.split(separator: " ").map(String.init))))
        var members = [
            #""access_token":"\#(access)""#, #""token_type":"Bearer""#, #""expires_in":3600"#,
            #""scope":"\#(grant.scope)""#,
        ]
        if newRefreshToken {
            let refresh = "AQ" + RandomText.make(80)
            grants[refresh] = grant
            members.append(#""refresh_token":"\#(refresh)""#)
        }
        return AccountsResponse(status: 200, body: "{" + members.joined(separator: ",") + "}")
    }

    private static func isVerifier(_ text: String) -> Bool {
        (43...128).contains(text.utf8.count) && text.wholeMatch(of: /[A-Za-z0-9._~-]+/) != nil
    }
}
