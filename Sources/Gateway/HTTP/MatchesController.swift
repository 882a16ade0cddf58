import Contracts
import Hummingbird
import ServiceKit

/// `/api/v1/matches`: why a recording was taken, is doubtful, or was refused.
struct MatchesController: Sendable {
    let store: JobStore

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get(":job_id", use: show)
        return routes
    }

    @Sendable private func show(
        _ request: Request, _ context: BasicRequestContext
    ) async throws
        -> JSONResponse<MatchResponse>
    {
        guard let id = context.pathPart("job_id").flatMap({ JobID($0) }) else { throw Self.unknown }
        let report = try await store.match(id)
        if let answer = MatchResponse(id, report) { return JSONResponse(answer) }
        guard let job = report.job else { throw Self.unknown }
        throw APIError(
            .notFound, "no decision about this job's match is known yet; its state is \(job.state.rawValue)",
            meta: ["state": .string(job.state.rawValue)])
    }

    private static var unknown: APIError { APIError(.notFound, "no job of this id is known") }
}
