import AMQP
import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceKit

/// `/api/v1/dlq`: list, count, send back, drop.
struct DeadLetterRoutes: Sendable {
    let operations: DeadLetterOperations
    let settings: RecoverySettings

    private static let largestBody = 1 << 20

    func add<Context: RequestContext>(to router: Router<Context>) {
        let group = router.group("api/v1/dlq")
        group.get { request, _ in try await self.list(request) }
        group.get("stats") { _, _ in
            try await self.answer { JSONResponse(Answer(data: try await self.operations.stats())) }
        }
        group.post("requeue") { request, _ in try await self.requeue(request) }
        group.post("purge") { request, _ in try await self.purge(request) }
    }

    private func list(_ request: Request) async throws -> JSONResponse<Answer<DeadLetterPage>> {
        let parameters = request.uri.queryParameters.map { (String($0.key), String($0.value)) }
        let query = try DeadLetterQuery(Dictionary(parameters) { _, last in last }, settings)
        return try await answer {
            let (entries, total) = try await operations.list(query)
            return JSONResponse(
                Answer(
                    data: DeadLetterPage(
                        items: entries.map(DeadLetterItem.init), page: query.page, pageSize: query.pageSize,
                        total: total)))
        }
    }

    private func requeue(_ request: Request) async throws -> JSONResponse<Answer<RequeueResponse>> {
        let body: RequeueRequest = try await decode(request)
        let ids = try checked(body.ids, limit: settings.requeueLimit)
        return try await answer {
            let operatorRequest = OperatorRequest(action: .requeue, actor: actor(of: request), dryRun: body.dryRun)
            let result = try await operations.perform(operatorRequest, ids)
            return JSONResponse(Answer(data: RequeueResponse(result)))
        }
    }

    private func purge(_ request: Request) async throws -> JSONResponse<Answer<PurgeResponse>> {
        let body: PurgeRequest = try await decode(request)
        let operatorRequest = OperatorRequest(action: .purge, actor: actor(of: request), dryRun: body.dryRun)
        let ids = try body.ids.map { try checked($0, limit: settings.purgeLimit) }
        return try await answer {
            let result =
                if let ids {
                    try await operations.perform(operatorRequest, ids)
                } else {
                    try await operations.perform(
                        operatorRequest, deadBefore: body.olderThan ?? .now, reason: body.reason,
                        limit: settings.purgeLimit)
                }
            return JSONResponse(Answer(data: PurgeResponse(result)))
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

    /// Who asks, as the gateway tells; goes into the log and the index.
    private func actor(of request: Request) -> String {
        guard let name = HTTPField.Name("X-HDM-Actor"), let actor = request.headers[name], !actor.isEmpty else {
            return "anonymous"
        }
        return String(actor.prefix(100))
    }

    /// The broker's absence as an answer.
    private func answer<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as AMQPError {
            throw APIError(.dependencyError, "the broker cannot be asked: \(error.message)")
        }
    }
}
