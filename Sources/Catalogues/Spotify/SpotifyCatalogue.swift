public import Accounts
public import Contracts
import Foundation
import HTTPClient

/// Spotify's catalogue through its Web API, as it is for apps in development mode since 2026.
///
/// Requests for the catalogue use the app's token, those for playlists and saved tracks the user's token. Close it at the
/// end.
public final class SpotifyCatalogue: MusicCatalogue {
    public let name = "spotify"
    private let base: String
    let market: [(String, String)]
    let releaseLimit: ReleaseLimit
    private let tokens: any SpotifyTokens
    private let connection: ProviderConnection

    /// - Parameters:
    ///   - budget: The budget of all processes. `Retry-After` is recorded there.
    ///   - cache: Stores responses; `nil` for none.
    ///   - userAgent: The program's name with its version and a contact.
    public init(
        _ settings: SpotifySettings, tokens: any SpotifyTokens, budget: any RequestBudget,
        cache: ResponseCache? = nil, userAgent: String, now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        base = WebAddress.base(settings.apiURL)
        market = settings.market.map { [("market", $0)] } ?? []
        releaseLimit = settings.releaseLimit
        self.tokens = tokens
        connection = ProviderConnection(
            "Spotify", settings.limits, refusals: [429], userAgent: userAgent, budget: budget, cache: cache, now: now)
    }

    /// Ends all requests and closes the connections.
    public func close() async { await connection.close() }

    /// Makes a request and decodes the response.
    /// - Throws: ``CatalogueError``, `CancellationError`.
    func get<Value: Decodable>(_ call: SpotifyCall, as: Value.Type = Value.self) async throws -> Value {
        let token = try await token(for: call.access)
        var response = try await response(to: call, token)
        if response.status == 401 {
            // Spotify may revoke a token before its end.
            response = try await self.response(to: call, try await self.token(for: call.access, refused: token))
        }
        if let error = CatalogueError(response, to: call) { throw error }
        do {
            return try JSONDecoder().decode(Value.self, from: response.body)
        } catch {
            throw CatalogueError.unavailable("Spotify's response about \(call.subject) cannot be read")
        }
    }

    private func token(for access: SpotifyAccess, refused: AccessToken? = nil) async throws -> AccessToken {
        do {
            return try await tokens.token(for: access, refused: refused)
        } catch let error as TokenError {
            throw CatalogueError(error)
        }
    }

    private func response(to call: SpotifyCall, _ token: AccessToken) async throws -> HTTPResponse {
        let rule = CacheRule(
            scope: "spotify \(call.access.rawValue)", defaultAge: call.defaultAge,
            // Another user may have signed in since the response was stored.
            isAlwaysValidated: call.access == .user)
        return try await connection.get(
            WebAddress.url(base, call.path, call.query), headers: ["Authorization": "Bearer \(token.text)"], rule)
    }
}

/// One request to the Web API.
struct SpotifyCall: Sendable {
    let path: [String]
    var query: [(String, String)] = []
    var access = SpotifyAccess.app
    /// The time for which a response without cache directives is used again.
    var defaultAge = Duration.zero
    /// The requested thing, for errors.
    let subject: String

    /// A track, an album or an artist with an id practically never changes.
    static let entityAge = Duration.seconds(86_400)
}

extension CatalogueError {
    /// The error for a response; `nil` for a successful one.
    fileprivate init?(_ response: HTTPResponse, to call: SpotifyCall) {
        let message = (try? JSONDecoder().decode(SpotifyProblem.self, from: response.body))?.error.message ?? ""
        let text = message.isEmpty ? "status \(response.status)" : String(message.prefix(200))
        switch response.status {
        case 200...299: return nil
        case 401: self = .signInNeeded("Spotify refuses the token for \(call.subject): \(text)")
        case 403 where message.lowercased().contains("scope"):
            self = .signInNeeded("the sign-in does not cover \(call.subject): \(text)")
        case 403: self = .closed(call.subject)
        case 404: self = .notFound(call.subject)
        case 400 where message.lowercased().contains("base62"): self = .notFound(call.subject)
        default: self = .unavailable("Spotify responded with \(text) about \(call.subject)")
        }
    }
}
