import Contracts
import Databases
import Foundation
import GRDB

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
