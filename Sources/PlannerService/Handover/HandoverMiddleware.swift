import Contracts
import Hummingbird
import ServiceKit

/// Refuses requests until the tables of an older gateway are copied: entries that are made before would get numbers of
/// entries that are copied.
struct HandoverMiddleware: RouterMiddleware {
    typealias Context = BasicRequestContext

    let handover: Handover

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard handover.isComplete else {
            throw APIError(.dependencyError, "the planner is copying the gateway's tables; try again in a minute")
        }
        return try await next(request, context)
    }
}
