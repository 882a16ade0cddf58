import Contracts
import Databases
import GRDB

// How far running work has come. May be lost, and be late: the newest counts, and none of a job that has ended.
extension JobStore {
    /// What was not heard of for so long says nothing any more.
    private static let progressAge: Duration = .seconds(3600)
    /// A rate older than this is no rate.
    private static let rateAge: Duration = .seconds(15)

    /// Keeps the newest of each job.
    func keep(_ progress: [ProgressEvent]) async throws {
        let now = clock()
        try await writer.write(.soon) { db in
            for event in progress { try Self.keep(event, at: now, db) }
            try db.cachedStatement(sql: "DELETE FROM progress WHERE at < ?")
                .execute(arguments: [(now + (.zero - Self.progressAge)).milliseconds])
        }
    }

    private static func keep(_ event: ProgressEvent, at now: Timestamp, _ db: Database) throws {
        guard let state = try standing(of: event.jobID, db)?.state, !state.isFinal else { return }
        // A clock that is ahead must not keep later news out.
        let at = min(event.at, now)
        try db.cachedStatement(
            sql: """
                INSERT INTO progress (job_id, stage, done, total, rate, peer, place_in_queue, phase, at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (job_id) DO UPDATE SET
                    stage = excluded.stage, done = excluded.done, total = excluded.total, rate = excluded.rate,
                    peer = excluded.peer, place_in_queue = excluded.place_in_queue, phase = excluded.phase,
                    at = excluded.at
                WHERE excluded.at >= at
                """
        ).execute(arguments: [
            event.jobID.text, event.stage.rawValue, event.done, event.total, event.rate, event.peer,
            event.placeInQueue, event.phase, at.milliseconds,
        ])
    }

    /// Drops what is known of a job that has ended.
    static func forgetProgress(of job: JobID, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM progress WHERE job_id = ?").execute(arguments: [job.text])
    }

    /// Jobs with how far they have come at their present stage.
    static func withProgress(_ jobs: [JobSummary], _ db: Database) throws -> [JobSummary] {
        let statement = try db.cachedStatement(sql: "SELECT * FROM progress WHERE job_id = ?")
        return try jobs.map { job in
            guard !job.state.isFinal, let row = try Row.fetchOne(statement, arguments: [job.jobID.text]),
                let progress = JobProgress(row), progress.stage == job.stage
            else { return job }
            var job = job
            job.progress = progress
            return job
        }
    }

    /// How far a batch's running jobs have come; `nil` when none runs.
    static func progress(
        ofBatch id: String, at now: Timestamp, _ db: Database
    ) throws -> BatchSummary.Progress? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*) AS running,
                    total(CASE WHEN p.total IS NULL THEN 0 ELSE min(p.done, p.total) END) AS done,
                    total(p.total) AS whole,
                    total(CASE WHEN p.at >= ? AND p.phase IS NOT 'queued' THEN p.rate ELSE 0 END) AS rate
                FROM progress p JOIN jobs j ON j.job_id = p.job_id AND j.stage = p.stage
                WHERE j.batch_id = ? AND j.state NOT IN (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                (now + (.zero - Self.rateAge)).milliseconds, id, JobState.queued.rawValue, JobState.waiting.rawValue,
                JobState.completed.rawValue, JobState.duplicate.rawValue, JobState.deadLetter.rawValue,
                JobState.cancelled.rawValue,
            ])
        guard let row, row["running"] as Int > 0 else { return nil }
        // Sums of numbers that strangers may send: floating, so that none overflows.
        return BatchSummary.Progress(
            running: row["running"], done: Int64(clamping: row["done"] as Double),
            total: Int64(clamping: row["whole"] as Double), rate: row["rate"])
    }
}

extension Int64 {
    fileprivate init(clamping value: Double) {
        self = value < Double(Int64.max) ? Int64(value) : .max
    }
}
