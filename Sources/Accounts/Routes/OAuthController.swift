import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import ServiceKit

/// The routes for sign-ins at Spotify and for their status, below `/api/v1`.
struct OAuthController: Sendable {
    let signIn: SpotifySignIn
    private static let maxBodyBytes = 16 << 10

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.post("spotify/pro/oauth/start") { _, _ in JSONResponse(try await mappingErrors(signIn.start)) }
        routes.delete("spotify/pro/oauth") { _, _ in
            try await mappingErrors(signIn.signOut)
            return try await status()
        }
        routes.post("oauth/manual") { request, _ in try await complete(request) }
        routes.get("oauth/status/:state") { _, context in
            JSONResponse(try await signIn.signIn(context.pathPart("state") ?? ""))
        }
        routes.get("spotify/status") { _, _ in try await status() }
        return routes
    }

    func status() async throws -> JSONResponse<SpotifyStatus> { JSONResponse(try await mappingErrors(signIn.status)) }

    /// - Throws: `APIError` `.dependencyError` with the reason why the secrets database cannot be used.
    private func mappingErrors<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch {
            throw APIError(.dependencyError, "\(TokenError(secrets: error))")
        }
    }

    private struct PastedAddress: Decodable {
        var redirectURL: String

        enum CodingKeys: String, CodingKey { case redirectURL = "redirect_url" }
    }

    private func complete(_ request: Request) async throws -> JSONResponse<ManualResponse> {
        let pasted = try await request.decode(PastedAddress.self, upTo: Self.maxBodyBytes)
        do {
            let state = try await signIn.finish(pasted: pasted.redirectURL)
            return JSONResponse(ManualResponse(completed: state, at: try await signIn.signIn(state).completedAt))
        } catch let failure as OAuthFailure {
            let status: HTTPResponse.Status = failure.code == .manualRateLimited ? .tooManyRequests : .badRequest
            return JSONResponse(ManualResponse(failure), status: status)
        }
    }
}
