import Databases
import Foundation
import GRDB

// The stored messages, and the entries that are waiting for a step of this service.
extension DeadLetterIndex {
    /// Returns the message of an entry; `nil` when only its queue has it.
    func message(of number: Int64) async throws -> StoredMessage? {
        try await database.read { db in
            try db.readFirst("SELECT * FROM message WHERE number = ?", [number]) { try StoredMessage($0) }
        }
    }

    /// Whether the whole message of an entry is stored.
    func hasMessage(_ number: Int64) async throws -> Bool {
        try await database.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT body IS NOT NULL FROM message WHERE number = ?", arguments: [number]) ?? false
        }
    }

    /// Returns entries whose endings were not published yet, oldest first.
    func untold(after number: Int64, limit: Int) async throws -> [IndexedDeadLetter] {
        try await entries(
            where: "told = 0 AND number > ? AND EXISTS (SELECT 1 FROM message m WHERE m.number = dead_letter.number)",
            [number], limit)
    }

    /// Returns open entries of messages that no queue took, oldest first.
    func unrouted(after number: Int64, limit: Int) async throws -> [IndexedDeadLetter] {
        try await entries(
            where: """
                cause = 'unrouted' AND requeued_at IS NULL AND purged_at IS NULL AND told = 1 AND given_up = 0
                    AND number > ?
                """, [number], limit)
    }

    /// Returns the entries of a queue whose message is there and that a later generation replaced.
    func stale(in queue: String, limit: Int) async throws -> [IndexedDeadLetter] {
        try await entries(where: "queue = ? AND requeued_as IS NOT NULL AND parked = 1", [queue], limit)
    }

    /// Returns the open entries of messages that are in their queue and belong to a job.
    func parkedJobs(after number: Int64, limit: Int) async throws -> [IndexedDeadLetter] {
        try await entries(
            where: """
                parked = 1 AND requeued_at IS NULL AND purged_at IS NULL AND job_id = subject AND number > ?
                """, [number], limit)
    }

    /// Counts the messages in dead-letter queues that a later generation replaced.
    func staleCount() async throws -> Int {
        try await database.read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM dead_letter WHERE requeued_as IS NOT NULL AND parked = 1") ?? 0
        }
    }

    /// Counts how often a job's message was returned to its queue since a time.
    func returns(of job: String, since time: String) async throws -> Int {
        try await database.read { db in
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM dead_letter
                    WHERE job_id = ? AND cause = 'unrouted' AND requeued_as IS NOT NULL AND requeued_at > ?
                    """, arguments: [job, time]) ?? 0
        }
    }

    /// Returns the entries whose requeue was begun and not completed by an earlier process.
    func begunRequeues(limit: Int) async throws -> [(entry: IndexedDeadLetter, actor: String)] {
        try await database.read { db in
            try db.readAll(
                """
                SELECT dead_letter.*, max(deed.actor) AS actor FROM deed JOIN dead_letter ON dead_letter.number = deed.entry
                WHERE deed.outcome = 'begun' AND deed.action = 'requeue' AND dead_letter.requeued_at IS NULL
                    AND dead_letter.purged_at IS NULL
                GROUP BY dead_letter.number LIMIT ?
                """, [limit]
            ) { (try IndexedDeadLetter($0), try $0.value("actor")) }
        }
    }

    private func entries(
        where condition: String, _ arguments: StatementArguments, _ limit: Int
    ) async throws -> [IndexedDeadLetter] {
        try await database.read { db in
            try entries(
                db, "SELECT * FROM dead_letter WHERE \(condition) ORDER BY number LIMIT ?", arguments + [limit])
        }
    }
}

extension StoredMessage {
    /// Reads a row of the table `message`.
    /// - Throws: `UnreadableRow`.
    fileprivate init(_ row: Row) throws {
        let size: Int = try row.value("size")
        self.init(
            exchange: try row.value("exchange"), routingKey: try row.value("routing_key"),
            properties: try row.value("properties"), size: size,
            body: try row.optionalValue("body", as: Data.self).map { CompressedBody(bytes: $0, size: size) })
    }
}
