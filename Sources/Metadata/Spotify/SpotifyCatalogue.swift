public import Contracts
import Foundation
import HTTPClient

/// Spotify's catalogue through its Web API, as it is for apps in development mode since 2026.
///
/// Requests for the catalogue are made for the app, those for playlists and saved tracks for the signed-in user. What was
/// answered before is only asked whether it still holds. Close it when done.
public final class SpotifyCatalogue: MusicCatalogue {
    public let name = "spotify"
    private let base: String
    let market: [(String, String)]
    private let tokens: any SpotifyTokens
    private let connection: ProviderConnection
    private let cache = ResponseCache()

    /// - Parameters:
    ///   - budget: that of all processes; `Retry-After` is noted there.
    ///   - userAgent: how the program names itself, with its version and a contact.
    public init(
        _ settings: SpotifySettings, tokens: any SpotifyTokens, budget: any RequestBudget, userAgent: String,
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        base = WebAddress.base(settings.apiURL)
        market = settings.market.map { [("market", $0)] } ?? []
        self.tokens = tokens
        connection = ProviderConnection(
            "Spotify", settings.limits, refusals: [429], userAgent: userAgent, budget: budget, now: now)
    }

    /// Ends all requests and closes the connections.
    public func close() async { await connection.close() }

    /// Asks for a value.
    /// - Throws: ``CatalogueError``, `CancellationError`.
    func get<Value: Decodable>(_ call: SpotifyCall, as: Value.Type = Value.self) async throws -> Value {
        let token = try await tokens.token(for: call.access, refused: nil)
        var (response, body) = try await answer(call, token)
        if response.status == 401 {
            // It may have been taken back before its time.
            let other = try await tokens.token(for: call.access, refused: token)
            (response, body) = try await answer(call, other)
        }
        if let refusal = CatalogueError(response, to: call) { throw refusal }
        do {
            return try JSONDecoder().decode(Value.self, from: body)
        } catch {
            throw CatalogueError.unavailable("Spotify's answer about \(call.subject) cannot be read")
        }
    }

    /// The answer and its body, which may be one from before.
    private func answer(_ call: SpotifyCall, _ token: AccessToken) async throws -> (HTTPResponse, Data) {
        let url = WebAddress.url(base, call.path, call.query)
        let key = "\(call.access.rawValue) \(url)"
        let known = cache[key]
        var headers: HTTPHeaders = ["Authorization": "Bearer \(token.text)"]
        headers["If-None-Match"] = known?.mark
        let response = try await connection.get(url, headers: headers)
        if response.status == 304, let known { return (response, known.body) }
        if response.isSuccess, let mark = response.headers["ETag"] {
            cache.keep(ResponseCache.Answer(mark: mark, body: response.body), for: key)
        }
        return (response, response.body)
    }
}

/// One request to the Web API.
struct SpotifyCall: Sendable {
    let path: [String]
    var query: [(String, String)] = []
    var access = SpotifyAccess.app
    /// What is asked for, in errors.
    let subject: String
}

extension CatalogueError {
    /// What a status means; `nil` when the request was answered.
    init?(_ response: HTTPResponse, to call: SpotifyCall) {
        let message = (try? JSONDecoder().decode(SpotifyProblem.self, from: response.body))?.error.message ?? ""
        let text = message.isEmpty ? "status \(response.status)" : String(message.prefix(200))
        switch response.status {
        case 200...299, 304: return nil
        case 401: self = .signInNeeded("Spotify refuses the token for \(call.subject): \(text)")
        case 403 where message.lowercased().contains("scope"):
            self = .signInNeeded("the sign-in does not cover \(call.subject): \(text)")
        case 403: self = .closed(call.subject)
        case 404: self = .notFound(call.subject)
        case 400 where message.lowercased().contains("base62"): self = .notFound(call.subject)
        default: self = .unavailable("Spotify answers \(text) about \(call.subject)")
        }
    }
}
