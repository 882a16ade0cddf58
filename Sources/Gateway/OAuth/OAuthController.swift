import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import Metadata
import ServiceKit

/// Signing in at Spotify, and whether somebody is.
struct OAuthController: Sendable {
    let desk: SignInDesk
    private static let maxBodyBytes = 16 << 10

    /// Below `/api/v1`.
    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.post("spotify/pro/oauth/start") { _, _ in JSONAnswer(try await available(desk.start)) }
        routes.delete("spotify/pro/oauth") { _, _ in
            try await available(desk.signOut)
            return JSONAnswer(try await available(desk.status))
        }
        routes.post("oauth/manual") { request, _ in try await complete(request) }
        routes.get("oauth/status/:state") { _, context in
            JSONAnswer(try await desk.signIn(context.pathPart("state") ?? ""))
        }
        routes.get("spotify/status") { _, _ in try await status() }
        return routes
    }

    func status() async throws -> JSONAnswer<SpotifyStatus> { JSONAnswer(try await available(desk.status)) }

    /// Tells what keeps the database of secrets from being used.
    private func available<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch {
            throw APIError(.dependencyError, "\(CatalogueError(secrets: error))")
        }
    }

    private struct Pasted: Decodable {
        var redirectURL: String

        enum CodingKeys: String, CodingKey { case redirectURL = "redirect_url" }
    }

    private func complete(_ request: Request) async throws -> JSONAnswer<ManualAnswer> {
        let pasted = try await request.decode(Pasted.self, upTo: Self.maxBodyBytes)
        do {
            let state = try await desk.finish(pasted: pasted.redirectURL)
            return JSONAnswer(ManualAnswer(completed: state, at: try await desk.signIn(state).completedAt))
        } catch let failure as OAuthFailure {
            let status: HTTPResponse.Status = failure.code == .manualRateLimited ? .tooManyRequests : .badRequest
            return JSONAnswer(ManualAnswer(failure), status: status)
        }
    }
}
