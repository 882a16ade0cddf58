import Contracts
import Foundation
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
        /// The stage at which a restarted job continues.
        var from: Stage?

        enum CodingKeys: String, CodingKey {
            case status, from
            case id = "download_id"
        }
    }

    @Sendable private func cancel(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> JSONResponse<CommandResponse> {
        try await run(context) { id in
            try await commands.cancel(id, by: request.client.name)
            return JSONResponse(CommandResponse(status: .cancelled, id: id))
        }
    }

    @Sendable private func restart(
        _ request: Request, _ context: BasicRequestContext
    ) async throws -> JSONResponse<CommandResponse> {
        let stage = try await restartStage(of: request)
        return try await run(context) { id in
            let from = try await commands.restart(id, from: stage, by: request.client.name)
            return JSONResponse(CommandResponse(status: .queued, id: id, from: from), status: .accepted)
        }
    }

    private func restartStage(of request: Request) async throws -> Stage {
        let body = try await request.bytes(upTo: RestartRequest.largestBody)
        do throws(ContractViolation) {
            return try RestartRequest(body).from
        } catch {
            throw APIError(error)
        }
    }

    private func run<Value>(
        _ context: BasicRequestContext, _ command: (JobID) async throws -> Value
    ) async throws -> Value {
        do {
            guard let id = context.pathPart("job_id").flatMap({ JobID($0) }) else { throw JobOrderError.unknown }
            return try await command(id)
        } catch let error as JobOrderError {
            switch error {
            case .unknown: throw APIError(.notFound, "there is no job with this id")
            case .conflict(let reason): throw APIError(.conflict, reason)
            }
        } catch let error as JobError {
            throw APIError(.dependencyError, "the shared volume cannot be used: \(error.message)")
        }
    }
}

/// The body of a restart: `{ "from": "download" }`, or empty.
private struct RestartRequest {
    static let largestBody = 4096

    var from = Stage.match

    init(_ body: Data) throws(ContractViolation) {
        guard !body.isEmpty else { return }
        guard case .object(let members) = try ContractCoding.decode(JSONValue.self, from: body) else {
            throw ContractViolation(path: "", problem: "must be an object")
        }
        if let stray = members.keys.sorted().first(where: { $0 != "from" }) {
            throw ContractViolation(path: "/\(stray)", problem: "is unknown; allowed: from")
        }
        guard let name = members["from"], name != .null else { return }
        guard let stage = name.stringValue.flatMap(Stage.init) else {
            let stages = Stage.allCases.map(\.rawValue).joined(separator: ", ")
            throw ContractViolation(path: "/from", problem: "must be one of \(stages)")
        }
        from = stage
    }
}
