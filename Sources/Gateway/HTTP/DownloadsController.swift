import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import ServiceKit

/// `/api/v1/downloads`: submitting jobs and looking at them.
struct DownloadsController: Sendable {
    let store: JobStore
    let intake: Intake
    let limits: IntakeLimits
    let logger: Logger

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.post(use: submit)
        routes.get(use: list)
        routes.get(":job_id", use: show)
        return routes
    }

    @Sendable private func submit(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let body = try await request.bytes(upTo: limits.maxBodyBytes)
        let replay = try replayKey(of: request, body)
        let receipt = try await accept(body, replay, request.traceparent)
        logger.accepted(receipt, over: "http")
        return try JSONResponse(receipt.answer, status: .accepted, headers: receipt.isReplay ? Self.replayed : [:])
            .response(from: request, context: context)
    }

    private func accept(_ body: Data, _ replay: ReplayKey?, _ trace: String?) async throws(APIError) -> IntakeReceipt {
        do throws(IntakeError) {
            return try await intake.submit(body, replay: replay, traceparent: trace)
        } catch {
            throw refusal(error)
        }
    }

    private static let replayed: HTTPFields = {
        var fields = HTTPFields()
        if let name = HTTPField.Name("Idempotency-Replayed") { fields[name] = "true" }
        return fields
    }()

    private func replayKey(of request: Request, _ body: Data) throws -> ReplayKey? {
        let name = "Idempotency-Key"
        guard let field = HTTPField.Name(name), let key = request.headers[field] else { return nil }
        guard (1...255).contains(key.utf8.count) else {
            throw request.invalidQuery(name, "must have 1 to 255 bytes")
        }
        return ReplayKey(key, scope: APIKeys.clientName(of: request), body: body, origin: .client)
    }

    private func refusal(_ error: IntakeError) -> APIError {
        if case .unavailable(let reason) = error {
            logger.log(
                event: .requestFailed, level: .error, "a submission could not be kept",
                metadata: [LogKey.error: .string(reason)])
        } else {
            logger.rejected(error.answer.error.message, over: "http")
        }
        let body = error.answer.error
        return APIError(body.code, body.message, meta: body.meta)
    }

    @Sendable private func list(
        _ request: Request, _ context: BasicRequestContext
    ) async throws
        -> JSONResponse<JobPage>
    {
        JSONResponse(try await store.jobs(try JobFilter(request)))
    }

    @Sendable private func show(
        _ request: Request, _ context: BasicRequestContext
    ) async throws
        -> JSONResponse<JobDetail>
    {
        guard let id = context.pathPart("job_id").flatMap({ JobID($0) }), let job = try await store.job(id)
        else { throw APIError(.notFound, "no job of this id is known") }
        return JSONResponse(job)
    }
}
