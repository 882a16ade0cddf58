import Contracts
import GRDB

/// Who holds a dedupe key.
struct Reservation: Sendable, Equatable {
    enum Status: String, Sendable, CaseIterable {
        case inProgress = "in_progress"
        case completed
    }

    var jobID: JobID
    var status: Status
    /// Where the file is in the library, once it is there.
    var path: String?
    var completedAt: Timestamp?
    /// What the job is doing.
    var state: JobState

    /// Whether a finished job still answers for its key.
    func answers(at now: Timestamp, for span: Duration) -> Bool {
        completedAt.map { now.since($0) < span } ?? false
    }
}

// MARK: - In the database

extension Reservation {
    /// The holder of a key; `nil` when it is free.
    static func fetch(_ key: String, _ db: Database) throws -> Reservation? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT r.job_id, r.status, r.path, r.completed_at, j.state
                    FROM reservations r LEFT JOIN jobs j ON j.job_id = r.job_id WHERE r.key = ?
                    """), arguments: [key])
        return row.flatMap(Reservation.init)
    }

    private init?(_ row: Row) {
        guard let jobID = JobID(row["job_id"] as String), let status = Status(rawValue: row["status"]) else {
            return nil
        }
        self.jobID = jobID
        self.status = status
        path = row["path"]
        completedAt = (row["completed_at"] as Int64?).map { Timestamp(milliseconds: $0) }
        state =
            (row["state"] as String?).flatMap { JobState(rawValue: $0) }
            ?? (status == .completed ? .completed : .queued)
    }

    /// Gives a key to a job, whoever had it.
    static func take(_ key: String, for job: JobID, at now: Timestamp, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO reservations (key, job_id, status, created_at, updated_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET
                    job_id = excluded.job_id, status = excluded.status, path = NULL, completed_at = NULL,
                    created_at = excluded.created_at, updated_at = excluded.updated_at
                """
        ).execute(arguments: [
            key, job.text, Status.inProgress.rawValue, now.milliseconds, now.milliseconds,
        ])
    }

    /// Gives a key to a job if nobody has it.
    static func takeIfFree(_ key: String, for job: JobID, at now: Timestamp, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO reservations (key, job_id, status, created_at, updated_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (key) DO NOTHING
                """
        ).execute(arguments: [
            key, job.text, Status.inProgress.rawValue, now.milliseconds, now.milliseconds,
        ])
    }

    /// Notes that the recording is in the library, unless another job has the key by now.
    static func complete(
        _ key: String, by job: JobID, path: String?, at now: Timestamp, _ db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO reservations (key, job_id, status, path, created_at, updated_at, completed_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET
                    status = excluded.status, path = coalesce(excluded.path, path),
                    updated_at = excluded.updated_at, completed_at = excluded.completed_at
                WHERE job_id = excluded.job_id
                """
        ).execute(arguments: [
            key, job.text, Status.completed.rawValue, path, now.milliseconds, now.milliseconds, now.milliseconds,
        ])
    }

    /// Frees a key, unless another job has it by now.
    static func release(_ key: String, by job: JobID, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM reservations WHERE key = ? AND job_id = ?")
            .execute(arguments: [key, job.text])
    }
}
