import Contracts
import Hummingbird
import JobLedger
import ServiceKit

/// `/api/v1/matches`: the decision of the match stage about a job, with its evidence.
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
        if let response = MatchResponse(id, report) { return JSONResponse(response) }
        guard let job = report.job else { throw Self.unknown }
        throw APIError(
            .notFound, "the match stage has not decided about this job yet; its state is \(job.state.rawValue)",
            meta: ["state": .string(job.state.rawValue)])
    }

    private static var unknown: APIError { APIError(.notFound, "there is no job with this id") }
}
