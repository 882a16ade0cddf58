import Contracts
import Databases
import GRDB

// What the search for stuck jobs asks the index.
extension DeadLetterIndex {
    /// Counts the jobs that no queue took and that return to their queues.
    func unroutedCount() async throws -> Int {
        try await database.read { db in
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM dead_letter
                    WHERE cause = 'unrouted' AND requeued_at IS NULL AND purged_at IS NULL AND given_up = 0
                        AND job_id = subject
                    """) ?? 0
        }
    }

    /// Returns the latest open entry of a job.
    func openEntry(of job: JobID) async throws -> IndexedDeadLetter? {
        try await database.read { db in
            try entries(
                db,
                """
                SELECT * FROM dead_letter WHERE job_id = ? AND requeued_at IS NULL AND purged_at IS NULL
                ORDER BY requeues DESC, dead_at DESC LIMIT 1
                """, [job.text]
            ).first
        }
    }

    /// Whether the last census is longer ago than a time. The first one is due after that time.
    func isCensusDue(every interval: Duration) async throws -> Bool {
        let last = try await database.read { try String.fetchOne($0, sql: "SELECT at FROM census") }
        guard let last = last.flatMap({ Timestamp($0) }) else {
            try await recordCensus()
            return false
        }
        return Timestamp.now.since(last) >= interval
    }

    /// Records that a census was made now.
    func recordCensus() async throws {
        let now = Timestamp.now.description
        try await write(.soon) { db in
            try db.execute(sql: "DELETE FROM census")
            try db.execute(sql: "INSERT INTO census VALUES (?)", arguments: [now])
        }
    }
}
