import Contracts
import Hummingbird
import JobLedger
import ServiceKit

/// `/api/v1/downloads/{job_id}`: commands about a job.
struct JobCommandsController: Sendable {
    let commands: JobCommands

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.delete(":job_id", use: cancel)
        routes.post(":job_id/retry", use: restart)
        return routes
    }

    struct CommandResponse: Encodable, Sendable {
        var status: JobState
        var id: JobID

        enum CodingKeys: String, CodingKey {
            case status
            case id = "download_id"
        }
    }

    @Sendable private func cancel(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> JSONResponse<CommandResponse> {
        let id = try await run(context) { try await commands.cancel($0, by: request.client.name) }
        return JSONResponse(CommandResponse(status: .cancelled, id: id))
    }

    @Sendable private func restart(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> JSONResponse<CommandResponse> {
        let id = try await run(context) { try await commands.restart($0, by: request.client.name) }
        return JSONResponse(CommandResponse(status: .queued, id: id), status: .accepted)
    }

    private func run(_ context: BasicRequestContext, _ command: (JobID) async throws -> Void) async throws -> JobID {
        do {
            guard let id = context.pathPart("job_id").flatMap({ JobID($0) }) else { throw JobOrderError.unknown }
            try await command(id)
            return id
        } catch let error as JobOrderError {
            switch error {
            case .unknown: throw APIError(.notFound, "there is no job with this id")
            case .conflict(let reason): throw APIError(.conflict, reason)
            }
        }
    }
}
