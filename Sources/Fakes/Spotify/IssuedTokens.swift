public import Foundation
import Synchronization

/// A source of tokens that a ``FakeSpotify`` accepts. It counts the issued tokens.
///
/// Tests of clients make it conform to the client's protocol, so that the fakes do not depend on a client.
public final class IssuedTokens: Sendable {
    /// A token and its end.
    public struct Token: Sendable {
        public let text: String
        public let expiresAt: Date
    }

    private struct State {
        /// By user; the empty name is the app.
        var current: [String: Token] = [:]
        var count = 0
    }

    private let fake: FakeSpotify
    private let user: String?
    private let state = Mutex(State())

    /// - Parameter user: The user who is signed in; `nil` if there is none.
    public init(fake: FakeSpotify, user: String?) {
        self.fake = fake
        self.user = user
    }

    /// The number of tokens that were issued.
    public var issued: Int { state.withLock { $0.count } }

    /// Returns the current token of the app.
    /// - Parameter refused: A token that must not be returned again.
    public func appToken(refused: String?) -> Token { token(of: nil, refused: refused) }

    /// Returns the current token of the signed-in user; `nil` if no user is signed in.
    /// - Parameter refused: A token that must not be returned again.
    public func userToken(refused: String?) -> Token? { user.map { token(of: $0, refused: refused) } }

    private func token(of user: String?, refused: String?) -> Token {
        state.withLock { state in
            if let token = state.current[user ?? ""], token.text != refused { return token }
            let token = Token(text: fake.issueToken(user: user), expiresAt: Date(timeIntervalSinceNow: 3600))
            state.current[user ?? ""] = token
            state.count += 1
            return token
        }
    }
}
