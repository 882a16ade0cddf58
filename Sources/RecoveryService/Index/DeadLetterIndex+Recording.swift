import Contracts
import Databases
import GRDB

/// A dead letter that was read from a queue, ready to be recorded.
struct ReadDeadLetter: Sendable, Equatable {
    var record: DeadLetterRecord
    var message: StoredMessage
}

extension ReadDeadLetter {
    /// - Parameter queue: the dead-letter queue; `nil` for a copy, whose routing key names it.
    /// - Throws: `EncodingError`.
    init(_ routed: RoutedMessage, queue: String? = nil) throws {
        record = DeadLetterRecord(routed, queue: queue)
        message = try StoredMessage(routed)
    }
}

extension DeadLetterIndex {
    /// Records dead letters with their messages, durably.
    ///
    /// The broker may deliver a copy more than once: an entry with the same time of death stays as it is. A later death
    /// of the same message opens the entry again, unless a later generation replaced it.
    /// - Returns: the records that changed the index.
    func record(_ deadLetters: [ReadDeadLetter]) async throws -> [DeadLetterRecord] {
        try await write(.onDisk) { db in
            try deadLetters.filter { try Self.record($0, at: .now, db).isNew }.map(\.record)
        }
    }

    /// Begins a reconciliation with the dead-letter queues.
    /// - Returns: when it began.
    func beginReconciliation() async throws -> Timestamp {
        let now = Timestamp.now
        try await write(.soon) { db in
            try db.execute(sql: "CREATE TEMP TABLE IF NOT EXISTS seen (number INTEGER PRIMARY KEY)")
            try db.execute(sql: "DELETE FROM seen")
        }
        return now
    }

    /// Records messages that are in a queue now.
    func reconcile(_ deadLetters: [ReadDeadLetter]) async throws {
        try await write(.soon) { db in
            for deadLetter in deadLetters {
                let (number, _) = try Self.record(deadLetter, at: .now, db)
                try db.execute(sql: "INSERT OR IGNORE INTO seen VALUES (?)", arguments: [number])
                try db.execute(sql: Self.markPresent, arguments: [deadLetter.record.queue, number])
            }
        }
    }

    /// Ends a reconciliation: an open entry of a complete queue that was not seen is missing from now on.
    /// - Parameter start: when it began. The message of a later entry may have arrived after its queue was read.
    func endReconciliation(since start: Timestamp, completeQueues: Set<String>) async throws {
        let now = Timestamp.now.description
        try await write(.soon) { db in
            for queue in completeQueues {
                try db.execute(sql: Self.markMissing, arguments: [now, queue, start.description])
                try db.execute(sql: Self.markRemoved, arguments: [queue])
            }
        }
    }

    private static func record(
        _ deadLetter: ReadDeadLetter, at now: Timestamp, _ db: Database
    ) throws -> (number: Int64, isNew: Bool) {
        let key = deadLetter.record.key
        // An entry of the first version does not have its subject yet.
        try db.execute(
            sql:
                "UPDATE OR IGNORE dead_letter SET subject = ?, cause = ? WHERE id = ? AND subject = '' AND requeues = ?",
            arguments: [key.subject, deadLetter.record.cause.rawValue, key.id, key.generation])
        let known = try Row.fetchOne(
            db,
            sql: "SELECT number, dead_at, requeued_as FROM dead_letter WHERE id = ? AND subject = ? AND requeues = ?",
            arguments: [key.id, key.subject, key.generation])
        if let known {
            let number: Int64 = try known.value("number")
            let deadAt: String = try known.value("dead_at")
            let isReplaced = try known.optionalValue("requeued_as", as: Int.self) != nil
            if isReplaced || deadAt >= deadLetter.record.deadAt ?? deadAt {
                try insert(deadLetter.message, number, "INSERT OR IGNORE", db)
                return (number, false)
            }
        }
        let number = try upsert(deadLetter.record, at: now, db)
        try insert(deadLetter.message, number, "INSERT OR REPLACE", db)
        return (number, true)
    }

    private static func upsert(_ record: DeadLetterRecord, at now: Timestamp, _ db: Database) throws -> Int64 {
        let deadAt = record.deadAt ?? now.description
        let number = try Int64.fetchOne(
            db, sql: upsert,
            arguments: [
                record.id, record.subject, record.requeues, record.jobID, record.batchID, record.kind, record.artist,
                record.title, record.stage, record.queue, record.reason, record.error, record.cause.rawValue,
                record.cause == .service, record.attempt, record.priority, record.worker, deadAt, deadAt,
                now.description,
            ])
        guard let number else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
        return number
    }

    private static func insert(
        _ message: StoredMessage, _ number: Int64, _ insert: String, _ db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                \(insert) INTO message (number, exchange, routing_key, properties, size, body) VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            number, message.exchange, message.routingKey, message.properties, message.size, message.body?.bytes,
        ])
    }

    private static let upsert = """
        INSERT INTO dead_letter (id, subject, requeues, job_id, batch_id, kind, artist, title, stage, queue, reason,
            error, cause, told, attempt, priority, worker, created_at, dead_at, updated_at, parked)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
        ON CONFLICT (id, subject, requeues) DO UPDATE SET job_id = excluded.job_id, batch_id = excluded.batch_id,
            kind = excluded.kind, artist = excluded.artist, title = excluded.title, stage = excluded.stage,
            queue = excluded.queue, reason = excluded.reason, error = excluded.error, cause = excluded.cause,
            told = excluded.told, attempt = excluded.attempt, priority = excluded.priority, worker = excluded.worker,
            dead_at = excluded.dead_at, updated_at = excluded.updated_at, parked = 1,
            missing_since = NULL, requeued_at = NULL, purged_at = NULL
        RETURNING number
        """

    /// A message that is in its queue is open, whatever the index says: the process may have ended between a purge and
    /// its ack. One that a later generation replaced is stale and stays closed.
    private static let markPresent = """
        UPDATE dead_letter SET queue = ?, parked = 1, missing_since = NULL, purged_at = NULL,
            requeued_at = CASE WHEN requeued_as IS NULL THEN NULL ELSE requeued_at END
        WHERE number = ?
        """

    private static let markMissing = """
        UPDATE dead_letter SET missing_since = ?, parked = 0
        WHERE queue = ? AND requeued_at IS NULL AND purged_at IS NULL AND missing_since IS NULL
            AND updated_at <= ? AND number NOT IN (SELECT number FROM seen)
        """

    private static let markRemoved = """
        UPDATE dead_letter SET parked = 0
        WHERE queue = ? AND requeued_as IS NOT NULL AND parked = 1 AND number NOT IN (SELECT number FROM seen)
        """
}
