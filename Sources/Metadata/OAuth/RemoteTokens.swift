public import Contracts

/// Tokens for services that do not own them: asks the gateway, and keeps what it gave until shortly before its end.
public actor RemoteTokens: SpotifyTokens {
    private let channel: GatewayChannel
    private let clock: @Sendable () -> Timestamp
    private var known: [SpotifyAccess: AccessToken] = [:]
    private var flights: [SpotifyAccess: Task<AccessToken, any Error>] = [:]
    /// What was in the way last, and until when that is not asked again: without Spotify, every job would ask.
    private var obstacles: [SpotifyAccess: (error: CatalogueError, until: Timestamp)] = [:]
    /// The gateway renews earlier than that.
    private static let margin = Duration.seconds(30)
    /// For so long a sign-in may go unnoticed.
    private static let obstacleLifetime = Duration.seconds(5)

    public init(_ channel: GatewayChannel, clock: @escaping @Sendable () -> Timestamp = { .now }) {
        self.channel = channel
        self.clock = clock
    }

    /// - Throws: ``CatalogueError``.
    public func token(for access: SpotifyAccess, refused: AccessToken?) async throws -> AccessToken {
        if let token = known[access], token != refused, token.expiresAt > clock() + Self.margin { return token }
        if let obstacle = obstacles[access], obstacle.until > clock() { throw obstacle.error }
        if let flight = flights[access] {
            let token = try await flight.value
            if token != refused { return token }
        }
        return try await fly(access, refused)
    }

    /// One question for all who ask at the same time.
    private func fly(_ access: SpotifyAccess, _ refused: AccessToken?) async throws -> AccessToken {
        if let flight = flights[access] { return try await flight.value }
        let flight = Task {
            defer { flights[access] = nil }
            do throws(CatalogueError) {
                let token = try await ask(access, refused)
                known[access] = token
                return token
            } catch {
                obstacles[access] = (error, clock() + Self.obstacleLifetime)
                throw error
            }
        }
        flights[access] = flight
        return try await flight.value
    }

    private func ask(_ access: SpotifyAccess, _ refused: AccessToken?) async throws(CatalogueError) -> AccessToken {
        let reply: TokenReply
        do throws(ChannelError) {
            reply = try await channel.ask(
                ChannelPath.token, TokenRequest(access: access, refused: refused?.digest))
        } catch {
            throw .unavailable("\(error)")
        }
        return try reply.get()
    }
}
