public import Accounts
import Contracts
public import Fakes

extension IssuedTokens: SpotifyTokens {
    public func token(for access: SpotifyAccess, refused: AccessToken?) async throws -> AccessToken {
        guard access == .user else { return AccessToken(appToken(refused: refused?.text)) }
        guard let token = userToken(refused: refused?.text) else {
            throw TokenError.signInNeeded("no user is signed in")
        }
        return AccessToken(token)
    }
}

extension AccessToken {
    fileprivate init(_ token: IssuedTokens.Token) {
        self.init(text: token.text, expiresAt: Timestamp(token.expiresAt))
    }
}
