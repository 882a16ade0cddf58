import AMQP
import Contracts
import Foundation
import Hummingbird
import ServiceKit

/// The routes below `/api/v1/dlq`: list, count, requeue and purge dead letters.
struct DeadLetterController: Sendable {
    let operations: DeadLetterOperations
    let settings: RecoverySettings

    private static let largestBody = 1 << 20

    var endpoints: RouteCollection<BasicRequestContext> {
        let routes = RouteCollection(context: BasicRequestContext.self)
        routes.get("") { request, _ in try await self.list(request) }
        routes.get("stats") { _, _ in try await self.stats() }
        routes.post("requeue") { request, _ in try await self.requeue(request) }
        routes.post("purge") { request, _ in try await self.purge(request) }
        return routes
    }

    private func stats() async throws -> JSONResponse<DataEnvelope<DeadLetterStats>> {
        try await reportingOutage { JSONResponse(DataEnvelope(data: try await operations.stats())) }
    }

    private func list(_ request: Request) async throws -> JSONResponse<DataEnvelope<DeadLetterPage>> {
        let parameters = request.uri.queryParameters.map { (String($0.key), String($0.value)) }
        let query = try DeadLetterQuery(Dictionary(parameters) { _, last in last }, settings)
        return try await reportingOutage {
            let (entries, total) = try await operations.list(query)
            return JSONResponse(
                DataEnvelope(
                    data: DeadLetterPage(
                        items: entries.map(DeadLetterItem.init), page: query.page, pageSize: query.pageSize,
                        total: total)))
        }
    }

    private func requeue(_ request: Request) async throws -> JSONResponse<DataEnvelope<RequeueResponse>> {
        let body: RequeueRequest = try await decode(request)
        let ids = try checked(body.ids, limit: settings.requeueLimit)
        return try await reportingOutage {
            let operatorRequest = OperatorRequest(action: .requeue, actor: actor(of: request), dryRun: body.dryRun)
            let result = try await operations.perform(operatorRequest, ids)
            return JSONResponse(DataEnvelope(data: RequeueResponse(result, dryRun: body.dryRun)))
        }
    }

    private func purge(_ request: Request) async throws -> JSONResponse<DataEnvelope<PurgeResponse>> {
        let body: PurgeRequest = try await decode(request)
        let operatorRequest = OperatorRequest(action: .purge, actor: actor(of: request), dryRun: body.dryRun)
        let ids = try body.ids.map { try checked($0, limit: settings.purgeLimit) }
        return try await reportingOutage {
            let result =
                if let ids {
                    try await operations.perform(operatorRequest, ids)
                } else {
                    try await operations.perform(
                        operatorRequest, deadBefore: body.olderThan ?? .now, reason: body.reason,
                        limit: settings.purgeLimit)
                }
            return JSONResponse(DataEnvelope(data: PurgeResponse(result, dryRun: body.dryRun)))
        }
    }

    private func decode<Body: Decodable>(_ request: Request) async throws -> Body {
        try await request.decode(upTo: Self.largestBody)
    }

    private func checked(_ ids: [String], limit: Int) throws(APIError) -> [String] {
        var seen: Set<String> = []
        let ids = ids.filter { seen.insert($0).inserted }
        guard (1...limit).contains(ids.count), ids.allSatisfy({ (1...255).contains($0.utf8.count) }) else {
            throw APIError(ContractViolation(path: "/ids", problem: "must hold 1 to \(limit) message ids"))
        }
        return ids
    }

    /// Returns who sent the request, as the gateway names it; for the log and the index.
    private func actor(of request: Request) -> String {
        guard let actor = request.header("X-HDM-Actor"), !actor.isEmpty else { return "anonymous" }
        return String(actor.prefix(100))
    }

    /// Runs a request's work and turns an error of the broker into an error of the API.
    private func reportingOutage<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as AMQPError {
            throw APIError(.dependencyError, "the broker did not carry out the request: \(error.message)")
        }
    }
}
