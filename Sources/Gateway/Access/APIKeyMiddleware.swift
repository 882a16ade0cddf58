import Access
import Contracts
import Hummingbird
import ServiceKit

/// Lets only requests with an API key through, if there are API keys.
struct APIKeyMiddleware: RouterMiddleware {
    let keys: APIKeys

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        guard !keys.isOpen else { return try await next(request, context) }
        guard let key = request.apiKey, keys.contains(key) else {
            throw APIError(.authRequired, "send one of HARMONY_API_KEYS as X-API-Key or Authorization: Bearer")
        }
        return try await next(request, context)
    }
}
