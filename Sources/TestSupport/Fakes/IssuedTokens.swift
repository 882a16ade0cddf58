import Contracts
public import Fakes
public import Metadata
import Synchronization

/// Gives out tokens of a stand-in, and counts who asks.
public final class IssuedTokens: SpotifyTokens {
    private struct State {
        var current: [SpotifyAccess: AccessToken] = [:]
        var issued = 0
    }

    private let fake: FakeSpotify
    private let user: String?
    private let state = Mutex(State())

    /// - Parameter user: who has signed in; `nil` for nobody.
    public init(fake: FakeSpotify, user: String?) {
        self.fake = fake
        self.user = user
    }

    /// How many tokens were made.
    public var issued: Int { state.withLock { $0.issued } }

    public func token(for access: SpotifyAccess, refused: AccessToken?) async throws -> AccessToken {
        if access == .user, user == nil { throw CatalogueError.signInNeeded("nobody has signed in") }
        return state.withLock { state in
            if let token = state.current[access], token != refused { return token }
            let text = fake.issueToken(user: access == .user ? user : nil)
            let token = AccessToken(text: text, expiresAt: .now + .seconds(3600))
            state.current[access] = token
            state.issued += 1
            return token
        }
    }
}
