import Contracts
import Foundation
import GRDB

// What the index is told.
extension DeadLetterIndex {
    /// Notes a dead letter. One that is known, with the same time of death, changes nothing: the broker may hand out a
    /// message more than once. A later death opens the entry again.
    /// - Returns: whether it was news.
    @discardableResult
    func note(_ record: DeadLetterRecord) async throws -> Bool {
        try await database.write { try Self.note(record, at: .now, $0) }
    }

    /// Notes what a look into the parking lots found: what is there is open, what should be there and is not has been
    /// missing since now.
    /// - Parameter lots: the parking lots that were seen to the end.
    func note(_ seen: [DeadLetterRecord], complete queues: Set<String>) async throws {
        let now = Timestamp.now.description
        try await database.write { database in
            try database.execute(sql: "CREATE TEMP TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY NOT NULL)")
            try database.execute(sql: "DELETE FROM seen")
            for record in seen {
                try Self.note(record, at: .now, database)
                try database.execute(sql: "INSERT OR IGNORE INTO seen VALUES (?)", arguments: [record.id])
                try database.execute(sql: Self.found, arguments: [record.queue, record.id])
            }
            for queue in queues { try database.execute(sql: Self.missing, arguments: [now, queue]) }
        }
    }

    /// Notes that dead letters went back to work, or away.
    func note(_ action: OperatorAction, of ids: [String]) async throws {
        let column = action == .requeue ? "requeued_at" : "purged_at"
        let now = Timestamp.now.description
        try await database.write { database in
            for id in ids {
                try database.execute(
                    sql: "UPDATE dead_letter SET \(column) = ?, updated_at = ?, missing_since = NULL WHERE id = ?",
                    arguments: [now, now, id])
                try database.execute(
                    sql: "UPDATE deed SET outcome = 'done' WHERE id = ? AND outcome = 'begun' AND action = ?",
                    arguments: [id, action.rawValue])
            }
        }
    }

    /// Writes down what an operator is about to do, before it is done.
    func begin(_ action: OperatorAction, by actor: String, _ records: [DeadLetterRecord]) async throws {
        let now = Timestamp.now.description
        try await database.write { database in
            for record in records {
                try database.execute(
                    sql: """
                        INSERT INTO deed (at, action, actor, id, job_id, queue, outcome)
                        VALUES (?, ?, ?, ?, ?, ?, 'begun')
                        """,
                    arguments: [now, action.rawValue, actor, record.id, record.jobID, record.queue])
            }
        }
    }

    /// Forgets what went back to work, away, or out of sight before a time, and what operators did before it.
    func forget(endedBefore time: Timestamp) async throws {
        try await database.write { database in
            try database.execute(
                sql: "DELETE FROM dead_letter WHERE coalesce(requeued_at, purged_at, missing_since) < ?",
                arguments: [time.description])
            try database.execute(sql: "DELETE FROM deed WHERE at < ?", arguments: [time.description])
        }
    }

    @discardableResult
    private static func note(_ record: DeadLetterRecord, at now: Timestamp, _ database: Database) throws -> Bool {
        let known = try String.fetchOne(
            database, sql: "SELECT dead_at FROM dead_letter WHERE id = ?", arguments: [record.id])
        if let known, known >= record.deadAt ?? known { return false }
        let deadAt = record.deadAt ?? now.description
        try database.execute(
            sql: upsert,
            arguments: [
                record.id, record.jobID, record.batchID, record.kind, record.artist, record.title, record.stage,
                record.queue, record.reason, record.error, record.attempt, record.requeues, record.priority,
                record.worker, deadAt, deadAt, now.description,
            ])
        return true
    }

    private static let upsert = """
        INSERT INTO dead_letter (id, job_id, batch_id, kind, artist, title, stage, queue, reason, error, attempt,
            requeues, priority, worker, created_at, dead_at, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET job_id = excluded.job_id, batch_id = excluded.batch_id, kind = excluded.kind,
            artist = excluded.artist, title = excluded.title, stage = excluded.stage, queue = excluded.queue,
            reason = excluded.reason, error = excluded.error, attempt = excluded.attempt,
            requeues = excluded.requeues, priority = excluded.priority, worker = excluded.worker,
            dead_at = excluded.dead_at, updated_at = excluded.updated_at,
            missing_since = NULL, requeued_at = NULL, purged_at = NULL
        """

    /// It is there, whatever was written: a crash may have come between a publish and its ack.
    private static let found = """
        UPDATE dead_letter SET queue = ?, missing_since = NULL, requeued_at = NULL, purged_at = NULL
        WHERE id = ?
        """

    private static let missing = """
        UPDATE dead_letter SET missing_since = ?
        WHERE queue = ? AND requeued_at IS NULL AND purged_at IS NULL AND missing_since IS NULL
            AND id NOT IN (SELECT id FROM seen)
        """
}

/// What an operator does with dead letters.
enum OperatorAction: String, Sendable { case requeue, purge }
