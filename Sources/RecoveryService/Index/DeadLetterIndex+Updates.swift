import Contracts
import Databases
import GRDB

extension DeadLetterIndex {
    /// Records a dead letter.
    ///
    /// The broker may deliver a copy more than once: an entry with the same time of death stays as it is. A later death
    /// of the same message opens the entry again.
    /// - Returns: whether the index changed.
    @discardableResult
    func record(_ deadLetter: DeadLetterRecord) async throws -> Bool {
        try await database.write(.soon) { try Self.record(deadLetter, at: .now, $0) }
    }

    /// Makes the index agree with the dead-letter queues: a message that was seen is open, and an open entry of a
    /// complete queue that was not seen is missing from now on.
    func reconcile(with snapshot: DeadLetterSnapshot) async throws {
        let now = Timestamp.now.description
        try await database.write(.soon) { db in
            try db.execute(sql: "CREATE TEMP TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY NOT NULL)")
            try db.execute(sql: "DELETE FROM seen")
            for deadLetter in snapshot.records {
                try Self.record(deadLetter, at: .now, db)
                try db.execute(sql: "INSERT OR IGNORE INTO seen VALUES (?)", arguments: [deadLetter.id])
                try db.execute(sql: Self.markPresent, arguments: [deadLetter.queue, deadLetter.id])
            }
            for queue in snapshot.completeQueues { try db.execute(sql: Self.markMissing, arguments: [now, queue]) }
        }
    }

    /// Records what an operator is about to do, before it is done.
    func recordIntent(_ action: OperatorAction, by actor: String, _ deadLetters: [DeadLetterRecord]) async throws {
        let now = Timestamp.now.description
        try await database.write(.onDisk) { db in
            for deadLetter in deadLetters {
                try db.execute(
                    sql: """
                        INSERT INTO deed (at, action, actor, id, job_id, queue, outcome)
                        VALUES (?, ?, ?, ?, ?, ?, 'begun')
                        """,
                    arguments: [now, action.rawValue, actor, deadLetter.id, deadLetter.jobID, deadLetter.queue])
            }
        }
    }

    /// Records that dead letters were requeued or purged.
    func recordDone(_ action: OperatorAction, _ ids: [String]) async throws {
        let column = action == .requeue ? "requeued_at" : "purged_at"
        let now = Timestamp.now.description
        try await database.write(.soon) { db in
            for id in ids {
                try db.execute(
                    sql: "UPDATE dead_letter SET \(column) = ?, updated_at = ?, missing_since = NULL WHERE id = ?",
                    arguments: [now, now, id])
                try db.execute(
                    sql: "UPDATE deed SET outcome = 'done' WHERE id = ? AND outcome = 'begun' AND action = ?",
                    arguments: [id, action.rawValue])
            }
        }
    }

    /// Deletes entries that were requeued, purged or went missing before a time, and what operators did before it.
    func deleteEntries(endedBefore time: Timestamp) async throws {
        try await database.write(.soon) { db in
            try db.execute(
                sql: "DELETE FROM dead_letter WHERE coalesce(requeued_at, purged_at, missing_since) < ?",
                arguments: [time.description])
            try db.execute(sql: "DELETE FROM deed WHERE at < ?", arguments: [time.description])
        }
    }

    @discardableResult
    private static func record(_ deadLetter: DeadLetterRecord, at now: Timestamp, _ db: Database) throws -> Bool {
        let known = try String.fetchOne(
            db, sql: "SELECT dead_at FROM dead_letter WHERE id = ?", arguments: [deadLetter.id])
        if let known, known >= deadLetter.deadAt ?? known { return false }
        let deadAt = deadLetter.deadAt ?? now.description
        try db.execute(
            sql: upsert,
            arguments: [
                deadLetter.id, deadLetter.jobID, deadLetter.batchID, deadLetter.kind, deadLetter.artist,
                deadLetter.title, deadLetter.stage, deadLetter.queue, deadLetter.reason, deadLetter.error,
                deadLetter.attempt, deadLetter.requeues, deadLetter.priority, deadLetter.worker, deadAt, deadAt,
                now.description,
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

    /// A message that is in its queue is open, whatever the index says: the process may have ended between a publish
    /// and its ack.
    private static let markPresent = """
        UPDATE dead_letter SET queue = ?, missing_since = NULL, requeued_at = NULL, purged_at = NULL
        WHERE id = ?
        """

    private static let markMissing = """
        UPDATE dead_letter SET missing_since = ?
        WHERE queue = ? AND requeued_at IS NULL AND purged_at IS NULL AND missing_since IS NULL
            AND id NOT IN (SELECT id FROM seen)
        """
}
