import AMQP
import Contracts
import Foundation
import GRDB
import ServiceKit

/// A message that waits to be published.
struct OutboxEntry: Sendable, Equatable {
    var number: Int64
    /// The same at every attempt, so that a receiver can tell a repetition.
    var messageID: String
    var jobID: String
    var batchID: String?
    var priority: Int
    var body: Data
    var traceparent: String?
    /// Where it goes; `nil` for a new job, which goes to the match stage.
    var route: OutboxRoute?

    init(_ row: Row) {
        number = row["number"]
        messageID = row["message_id"]
        jobID = row["job_id"]
        batchID = row["batch_id"]
        priority = row["priority"]
        body = row["body"]
        traceparent = row["traceparent"]
        route = OutboxRoute(row)
    }
}

/// Where a message goes, and as what.
struct OutboxRoute: Sendable, Equatable {
    var exchange: String
    var key: String
    /// The `type` property.
    var type: String
    var headers: FieldTable = [:]

    /// A job on its way to a stage.
    static func job(_ job: JobDocument, to stage: Stage, _ envelope: JobEnvelope) -> OutboxRoute {
        OutboxRoute(
            exchange: ExchangeName.jobs, key: RoutingKey.job(stage, priority: job.priority), type: MessageType.job,
            headers: envelope.headers)
    }

    static func event(_ event: JobEvent) -> OutboxRoute {
        OutboxRoute(exchange: ExchangeName.events, key: event.routingKey, type: MessageType.event)
    }
}

extension OutboxRoute {
    fileprivate init?(_ row: Row) {
        guard let exchange = row["exchange"] as String?, let key = row["routing_key"] as String?,
            let type = row["type"] as String?
        else { return nil }
        let stored = (row["headers"] as String?).flatMap {
            try? ContractCoding.decode([String: JSONValue].self, from: Data($0.utf8))
        }
        let headers = (stored ?? [:]).compactMapValues { value -> FieldValue? in
            value.integerValue.map { .integer($0) } ?? value.stringValue.map { .string($0) }
        }
        self.init(exchange: exchange, key: key, type: type, headers: headers)
    }

    /// The headers as they are stored: an envelope's are texts and whole numbers.
    fileprivate var storedHeaders: String {
        get throws {
            let values = headers.compactMapValues { value -> JSONValue? in
                switch value {
                case .integer(let number): .integer(number)
                case .string(let text): .string(text)
                default: nil
                }
            }
            return String(decoding: try ContractCoding.encode(values), as: UTF8.self)
        }
    }
}

// What has still to be published. What a power cut undoes of this makes jobs be published twice, never lost.
extension JobStore {
    /// Leases the most urgent entries that nobody else holds.
    func lease(_ count: Int, to owner: String, for span: Duration) async throws -> [OutboxEntry] {
        let now = clock()
        return try await writer.write(.soon) { db in
            let entries = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        UPDATE outbox SET lease_owner = ?, leased_until = ? WHERE number IN (
                            SELECT number FROM outbox WHERE leased_until <= ? ORDER BY priority DESC, number LIMIT ?)
                        RETURNING number, message_id, job_id, batch_id, priority, body, traceparent,
                            exchange, routing_key, type, headers
                        """),
                arguments: [owner, (now + span).milliseconds, now.milliseconds, count]
            ).map(OutboxEntry.init)
            return entries.sorted { ($1.priority, $0.number) < ($0.priority, $1.number) }
        }
    }

    /// Forgets entries that the broker has.
    func remove(_ entries: [OutboxEntry]) async throws {
        try await writer.write(.soon) { db in
            let statement = try db.cachedStatement(sql: "DELETE FROM outbox WHERE number = ?")
            for entry in entries { try statement.execute(arguments: [entry.number]) }
        }
    }

    /// Gives entries back that could not be published, for anybody to take at once.
    func release(_ entries: [OutboxEntry], of owner: String) async throws {
        try await writer.write(.soon) { db in
            let statement = try db.cachedStatement(
                sql: "UPDATE outbox SET leased_until = 0 WHERE number = ? AND lease_owner = ?")
            for entry in entries { try statement.execute(arguments: [entry.number, owner]) }
        }
    }

    /// Gives everything back that a former process of the same name held when it died.
    func releaseAll(of owner: String) async throws {
        try await writer.write(.soon) { db in
            try db.execute(sql: "UPDATE outbox SET leased_until = 0 WHERE lease_owner = ?", arguments: [owner])
        }
    }

    /// Puts a message about a job into the outbox, under an id that it keeps.
    static func post(
        _ body: some Encodable, about job: JobDocument, _ route: OutboxRoute, traceparent: String?, _ db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO outbox (
                    message_id, job_id, batch_id, priority, body, traceparent, exchange, routing_key, type, headers)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            UUID().uuidString.lowercased(), job.jobID.text, job.batchID, job.priority, try ContractCoding.encode(body),
            traceparent, route.exchange, route.key, route.type, try route.storedHeaders,
        ])
    }

    /// How many messages wait to be published.
    func outboxDepth() async throws -> Int {
        try await writer.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM outbox") ?? 0 }
    }
}
