import Contracts
import Hummingbird
import ServiceKit

/// `/api/v1/expansions`: links that become jobs.
struct ExpansionsController: Sendable {
    let store: PlannerStore
    /// Raised when an expansion was cancelled.
    let changed: WakeSignal

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get(":expansion_id") { _, context in try await respond(context, store.expansion) }
        routes.post(":expansion_id/cancel") { _, context in
            let response = try await respond(context, store.cancelExpansion)
            changed.raise()
            return response
        }
        return routes
    }

    private func respond(
        _ context: BasicRequestContext, _ find: (JobID) async throws -> Expansion?
    ) async throws -> JSONResponse<ExpansionResponse> {
        guard let id = context.pathPart("expansion_id").flatMap({ JobID($0) }), let expansion = try await find(id)
        else { throw APIError(.notFound, "there is no expansion with this id") }
        return JSONResponse(ExpansionResponse(expansion: expansion))
    }
}
