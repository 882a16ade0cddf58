import Contracts
import Hummingbird
import ServiceKit

/// `/api/v1/expansions`: links that become jobs.
struct ExpansionsController: Sendable {
    let store: JobStore

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get(":expansion_id") { _, context in try await answer(context, store.expansion) }
        routes.post(":expansion_id/cancel") { _, context in try await answer(context, store.cancelExpansion) }
        return routes
    }

    private func answer(
        _ context: BasicRequestContext, _ find: (JobID) async throws -> Expansion?
    ) async throws -> JSONResponse<ExpansionResponse> {
        guard let id = context.pathPart("expansion_id").flatMap({ JobID($0) }), let expansion = try await find(id)
        else { throw APIError(.notFound, "no expansion of this id is known") }
        return JSONResponse(ExpansionResponse(expansion: expansion))
    }
}
