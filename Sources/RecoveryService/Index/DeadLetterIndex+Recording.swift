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

    /// Records a dead letter, unless an entry of the same death or a later one is there.
    static func record(
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
            error, cause, told, attempt, priority, worker, created_at, dead_at, updated_at, parked, surveyed)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0)
        ON CONFLICT (id, subject, requeues) DO UPDATE SET job_id = excluded.job_id, batch_id = excluded.batch_id,
            kind = excluded.kind, artist = excluded.artist, title = excluded.title, stage = excluded.stage,
            queue = excluded.queue, reason = excluded.reason, error = excluded.error, cause = excluded.cause,
            told = excluded.told, attempt = excluded.attempt, priority = excluded.priority, worker = excluded.worker,
            dead_at = excluded.dead_at, updated_at = excluded.updated_at, parked = 1, surveyed = 0,
            missing_since = NULL, requeued_at = NULL, purged_at = NULL
        RETURNING number
        """
}
