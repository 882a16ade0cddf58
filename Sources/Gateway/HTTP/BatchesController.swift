import Contracts
import Hummingbird
import JobLedger
import ServiceKit

/// `/api/v1/batches`: the state of batches.
struct BatchesController: Sendable {
    let store: JobStore

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get(":batch_id", use: show)
        return routes
    }

    @Sendable private func show(
        _ request: Request, _ context: BasicRequestContext
    ) async throws
        -> JSONResponse<BatchSummary>
    {
        guard let id = context.pathPart("batch_id"), let batch = try await store.batch(id) else {
            throw APIError(.notFound, "there is no batch with this id")
        }
        return JSONResponse(batch)
    }
}
