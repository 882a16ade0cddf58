import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import Metadata
import ServiceKit

/// Signing in at Spotify, and whether somebody is.
struct OAuthController: Sendable {
    let commands: SpotifySignIn
    private static let maxBodyBytes = 16 << 10

    /// Below `/api/v1`.
    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.post("spotify/pro/oauth/start") { _, _ in JSONResponse(try await available(commands.start)) }
        routes.delete("spotify/pro/oauth") { _, _ in
            try await available(commands.signOut)
            return JSONResponse(try await available(commands.status))
        }
        routes.post("oauth/manual") { request, _ in try await complete(request) }
        routes.get("oauth/status/:state") { _, context in
            JSONResponse(try await commands.signIn(context.pathPart("state") ?? ""))
        }
        routes.get("spotify/status") { _, _ in try await status() }
        return routes
    }

    func status() async throws -> JSONResponse<SpotifyStatus> { JSONResponse(try await available(commands.status)) }

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

    private func complete(_ request: Request) async throws -> JSONResponse<ManualResponse> {
        let pasted = try await request.decode(Pasted.self, upTo: Self.maxBodyBytes)
        do {
            let state = try await commands.finish(pasted: pasted.redirectURL)
            return JSONResponse(ManualResponse(completed: state, at: try await commands.signIn(state).completedAt))
        } catch let failure as OAuthFailure {
            let status: HTTPResponse.Status = failure.code == .manualRateLimited ? .tooManyRequests : .badRequest
            return JSONResponse(ManualResponse(failure), status: status)
        }
    }
}
