import Contracts
import Databases
import GRDB

// The comparison of the index with what is in the dead-letter queues.
extension DeadLetterIndex {
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

    /// Ends a reconciliation: an open entry of a complete queue that was not seen is missing from now on. One whose queue
    /// never had its message is not missing, see ``MissedDeadLetters``.
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

    /// Returns open entries whose message was indexed before a time and that no survey has found in its queue, oldest
    /// first.
    func missed(by queue: String, before time: Timestamp, limit: Int) async throws -> [IndexedDeadLetter] {
        try await database.read { db in
            try entries(
                db,
                """
                SELECT * FROM dead_letter
                WHERE queue = ? AND requeued_at IS NULL AND purged_at IS NULL AND updated_at <= ? AND \(Self.isMissed)
                ORDER BY number LIMIT ?
                """, [queue, time.description, limit])
        }
    }

    /// Records that the queue of a dead letter has, or had, its message.
    func recordSurveyed(_ number: Int64) async throws {
        try await write(.onDisk) { db in
            try db.execute(sql: "UPDATE dead_letter SET surveyed = 1 WHERE number = ?", arguments: [number])
        }
    }

    /// A message that is in its queue is open, whatever the index says: the process may have ended between a purge and
    /// its ack. One that a later generation replaced is stale and stays closed.
    private static let markPresent = """
        UPDATE dead_letter SET queue = ?, parked = 1, surveyed = 1, missing_since = NULL, purged_at = NULL,
            requeued_at = CASE WHEN requeued_as IS NULL THEN NULL ELSE requeued_at END
        WHERE number = ?
        """

    private static let markMissing = """
        UPDATE dead_letter SET missing_since = ?, parked = 0
        WHERE queue = ? AND requeued_at IS NULL AND purged_at IS NULL AND missing_since IS NULL
            AND updated_at <= ? AND number NOT IN (SELECT number FROM seen) AND NOT (\(isMissed))
        """

    /// Only a survey can find out that its queue does not have a message, and only a whole message can be put into it.
    private static let isMissed = """
        surveyed = 0 AND EXISTS (
            SELECT 1 FROM message m WHERE m.number = dead_letter.number AND m.body IS NOT NULL)
        """

    private static let markRemoved = """
        UPDATE dead_letter SET parked = 0
        WHERE queue = ? AND requeued_as IS NOT NULL AND parked = 1 AND number NOT IN (SELECT number FROM seen)
        """
}
