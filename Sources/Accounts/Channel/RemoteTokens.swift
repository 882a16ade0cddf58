public import Contracts

/// Tokens for services that do not own them. Requests them from the planner, and reuses them until shortly before their
/// end.
public actor RemoteTokens: SpotifyTokens {
    private let channel: AccountsChannel
    private let clock: @Sendable () -> Timestamp
    private var tokens: [SpotifyAccess: AccessToken] = [:]
    private var requests: [SpotifyAccess: Task<AccessToken, any Error>] = [:]
    /// The last errors. Without this pause, every job would send a request while Spotify is not set up.
    private var errors: [SpotifyAccess: (error: TokenError, until: Timestamp)] = [:]
    /// Shorter than the planner's margin, so that the planner has renewed the token by then.
    private static let margin = Duration.seconds(30)
    /// The longest time for which a new sign-in goes unnoticed.
    private static let errorLifetime = Duration.seconds(5)

    public init(_ channel: AccountsChannel, clock: @escaping @Sendable () -> Timestamp = { .now }) {
        self.channel = channel
        self.clock = clock
    }

    /// - Throws: ``TokenError``.
    public func token(for access: SpotifyAccess, refused: AccessToken?) async throws -> AccessToken {
        if let token = tokens[access], token != refused, token.expiresAt > clock() + Self.margin { return token }
        if let last = errors[access], last.until > clock() { throw last.error }
        if let request = requests[access] {
            let token = try await request.value
            if token != refused { return token }
        }
        return try await sharedToken(access, refused)
    }

    /// Shares one request among concurrent callers.
    private func sharedToken(_ access: SpotifyAccess, _ refused: AccessToken?) async throws -> AccessToken {
        if let request = requests[access] { return try await request.value }
        let request = Task {
            defer { requests[access] = nil }
            do throws(TokenError) {
                let token = try await requestToken(access, refused)
                tokens[access] = token
                return token
            } catch {
                errors[access] = (error, clock() + Self.errorLifetime)
                throw error
            }
        }
        requests[access] = request
        return try await request.value
    }

    private func requestToken(_ access: SpotifyAccess, _ refused: AccessToken?) async throws(TokenError) -> AccessToken
    {
        let reply: TokenReply
        do throws(ChannelError) {
            reply = try await channel.request(
                ChannelPath.token, TokenRequest(access: access, refused: refused?.digest))
        } catch {
            throw .unavailable("\(error)")
        }
        return try reply.get()
    }
}
