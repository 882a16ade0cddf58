import AMQP
import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceKit

/// `/api/v1/dlq`: list, count, send back, drop.
struct DeadLetterRoutes: Sendable {
    let desk: RecoveryDesk
    let settings: RecoverySettings

    private static let largestBody = 1 << 20

    func add<Context: RequestContext>(to router: Router<Context>) {
        let group = router.group("api/v1/dlq")
        group.get { request, _ in try await self.list(request) }
        group.get("stats") { _, _ in
            try await self.answer { JSONAnswer(Answer(data: try await self.desk.stats())) }
        }
        group.post("requeue") { request, _ in try await self.requeue(request) }
        group.post("purge") { request, _ in try await self.purge(request) }
    }

    private func list(_ request: Request) async throws -> JSONAnswer<Answer<DeadLetterPage>> {
        let parameters = request.uri.queryParameters.map { (String($0.key), String($0.value)) }
        let query = try DeadLetterQuery(Dictionary(parameters) { _, last in last }, settings)
        return try await answer {
            let (entries, total) = try await desk.list(query)
            return JSONAnswer(
                Answer(
                    data: DeadLetterPage(
                        items: entries.map(DeadLetterItem.init), page: query.page, pageSize: query.pageSize,
                        total: total)))
        }
    }

    private func requeue(_ request: Request) async throws -> JSONAnswer<Answer<RequeueAnswer>> {
        let body: RequeueRequest = try await decode(request)
        let ids = try checked(body.ids, limit: settings.requeueLimit)
        return try await answer {
            let deed = Deed(action: .requeue, actor: actor(of: request), dryRun: body.dryRun)
            let result = try await desk.perform(deed, ids)
            return JSONAnswer(Answer(data: RequeueAnswer(result)))
        }
    }

    private func purge(_ request: Request) async throws -> JSONAnswer<Answer<PurgeAnswer>> {
        let body: PurgeRequest = try await decode(request)
        let deed = Deed(action: .purge, actor: actor(of: request), dryRun: body.dryRun)
        let ids = try body.ids.map { try checked($0, limit: settings.purgeLimit) }
        return try await answer {
            let result =
                if let ids {
                    try await desk.perform(deed, ids)
                } else {
                    try await desk.perform(
                        deed, deadBefore: body.olderThan ?? .now, reason: body.reason, limit: settings.purgeLimit)
                }
            return JSONAnswer(Answer(data: PurgeAnswer(result)))
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
