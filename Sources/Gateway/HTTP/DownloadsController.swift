import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import JobLedger
import Logging
import ServiceKit

/// `/api/v1/downloads`: submits, lists and shows jobs.
struct DownloadsController: Sendable {
    let store: JobStore
    let intake: Intake
    let keys: ReplayKeys
    let limits: AdmissionLimits
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
        let receipt = try await admit(body, replay, request.traceparent)
        logger.accepted(receipt, over: "http")
        return try JSONResponse(receipt.response, status: .accepted, headers: receipt.isReplay ? Self.replayed : [:])
            .response(from: request, context: context)
    }

    private func admit(_ body: Data, _ replay: ReplayKey?, _ trace: String?) async throws(APIError) -> AdmissionReceipt
    {
        do throws(IntakeError) {
            return try await intake.submit(body, replay: replay, traceparent: trace)
        } catch {
            throw apiError(error)
        }
    }

    private static let replayed: HTTPFields = {
        var fields = HTTPFields()
        if let name = HTTPField.Name("Idempotency-Replayed") { fields[name] = "true" }
        return fields
    }()

    private func replayKey(of request: Request, _ body: Data) throws -> ReplayKey? {
        guard let key = request.header(ReplayKeys.header) else { return nil }
        guard ReplayKeys.lengths.contains(key.utf8.count) else {
            throw request.invalidQuery(ReplayKeys.header, "must have 1 to 255 bytes")
        }
        return keys.key(key, of: request.client.name, body: body)
    }

    private func apiError(_ error: IntakeError) -> APIError {
        if let reason = error.failure {
            logger.log(
                event: .requestFailed, level: .error, "a submission could not be stored",
                metadata: [LogKey.error: .string(reason)])
        } else {
            logger.rejected(error.response.error.message, over: "http")
        }
        let body = error.response.error
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
        else { throw APIError(.notFound, "there is no job with this id") }
        return JSONResponse(job)
    }
}
