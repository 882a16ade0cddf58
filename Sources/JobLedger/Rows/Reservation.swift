import Contracts
import Databases
import GRDB

/// The job that holds a dedupe key.
struct Reservation: Sendable, Equatable {
    enum Status: String, Sendable, CaseIterable {
        case inProgress = "in_progress"
        case completed
    }

    var jobID: JobID
    var status: Status
    /// The path of the file in the library, once it is there.
    var path: String?
    var completedAt: Timestamp?
    /// The state of the job.
    var state: JobState

    init(_ row: Row) throws {
        jobID = try row.jobID("job_id")
        status = try row.enumeration("status")
        path = try row.optionalValue("path")
        completedAt = try row.optionalTime("completed_at")
        let state = try row.optionalValue("state").flatMap { JobState(rawValue: $0) }
        self.state = state ?? (status == .completed ? .completed : .queued)
    }

    /// Whether a completed job still holds its key.
    func isHeld(at now: Timestamp, for lifetime: Duration) -> Bool {
        completedAt.map { now.since($0) < lifetime } ?? false
    }
}

extension Database {
    /// Returns the reservation of a key; `nil` when the key is free.
    func reservation(of key: String) throws -> Reservation? {
        do {
            return try readFirst(
                """
                SELECT r.job_id, r.status, r.path, r.completed_at, j.state
                FROM reservations r LEFT JOIN jobs j ON j.job_id = r.job_id WHERE r.key = ?
                """, [key], Reservation.init)
        } catch is UnreadableRow {
            // A damaged reservation must not block its key forever.
            return nil
        }
    }

    /// Gives a key to a job, also when another job holds it.
    func reserve(_ key: String, for job: JobID, at now: Timestamp) throws {
        try insertReservation(
            key, for: job, at: now,
            onConflict: """
                UPDATE SET
                    job_id = excluded.job_id, status = excluded.status, path = NULL, completed_at = NULL,
                    created_at = excluded.created_at, updated_at = excluded.updated_at
                """)
    }

    /// Gives a key to a job if the key is free.
    func reserveIfFree(_ key: String, for job: JobID, at now: Timestamp) throws {
        try insertReservation(key, for: job, at: now, onConflict: "NOTHING")
    }

    private func insertReservation(
        _ key: String, for job: JobID, at now: Timestamp, onConflict action: String
    ) throws {
        try cachedStatement(
            sql: """
                INSERT INTO reservations (key, job_id, status, created_at, updated_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (key) DO \(action)
                """
        ).execute(arguments: [
            key, job.text, Reservation.Status.inProgress.rawValue, now.milliseconds, now.milliseconds,
        ])
    }

    /// Records that the recording is in the library, unless another job holds the key.
    func completeReservation(of key: String, by job: JobID, path: String?, at now: Timestamp) throws {
        try cachedStatement(
            sql: """
                INSERT INTO reservations (key, job_id, status, path, created_at, updated_at, completed_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET
                    status = excluded.status, path = coalesce(excluded.path, path),
                    updated_at = excluded.updated_at, completed_at = excluded.completed_at
                WHERE job_id = excluded.job_id
                """
        ).execute(arguments: [
            key, job.text, Reservation.Status.completed.rawValue, path, now.milliseconds, now.milliseconds,
            now.milliseconds,
        ])
    }

    /// Frees a key, unless another job holds it.
    func releaseReservation(of key: String, by job: JobID) throws {
        try cachedStatement(sql: "DELETE FROM reservations WHERE key = ? AND job_id = ?")
            .execute(arguments: [key, job.text])
    }
}
