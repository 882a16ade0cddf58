import Contracts
import Hummingbird
import ServiceKit

/// `/api/v1/downloads/{job_id}`: what people order about a job.
struct JobOrdersController: Sendable {
    let commands: JobCommands

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.delete(":job_id", use: cancel)
        routes.post(":job_id/retry", use: tryAgain)
        return routes
    }

    struct Answer: Encodable, Sendable {
        var status: JobState
        var id: JobID

        enum CodingKeys: String, CodingKey {
            case status
            case id = "download_id"
        }
    }

    @Sendable private func cancel(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> JSONResponse<Answer> {
        let id = try await order(context) { try await commands.cancel($0, by: APIKeys.clientName(of: request)) }
        return JSONResponse(Answer(status: .cancelled, id: id))
    }

    @Sendable private func tryAgain(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> JSONResponse<Answer> {
        let id = try await order(context) { try await commands.tryAgain($0, by: APIKeys.clientName(of: request)) }
        return JSONResponse(Answer(status: .queued, id: id), status: .accepted)
    }

    private func order(_ context: BasicRequestContext, _ give: (JobID) async throws -> Void) async throws -> JobID {
        do {
            guard let id = context.pathPart("job_id").flatMap({ JobID($0) }) else { throw JobOrderError.unknown }
            try await give(id)
            return id
        } catch let error as JobOrderError {
            switch error {
            case .unknown: throw APIError(.notFound, "no job of this id is known")
            case .conflict(let reason): throw APIError(.conflict, reason)
            }
        }
    }
}
