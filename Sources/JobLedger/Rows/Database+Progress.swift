import Contracts
import Databases
import GRDB

extension Database {
    /// A rate that is older than this counts as 0.
    private static let rateAge: Duration = .seconds(15)

    /// Records the progress of a job that has not ended.
    func record(_ event: ProgressEvent, at now: Timestamp) throws {
        guard let state = try projectedState(of: event.jobID)?.state, !state.isFinal else { return }
        // The clock of another host may be ahead. Its time must not outweigh later progress.
        let at = min(event.at, now)
        try cachedStatement(
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

    /// Deletes the progress of a job that has ended.
    func deleteProgress(of job: JobID) throws {
        try cachedStatement(sql: "DELETE FROM progress WHERE job_id = ?").execute(arguments: [job.text])
    }

    /// Deletes progress that was recorded before a time.
    func deleteProgress(before time: Timestamp) throws {
        try cachedStatement(sql: "DELETE FROM progress WHERE at < ?").execute(arguments: [time.milliseconds])
    }

    /// Adds the progress of its present stage to a job.
    func addingProgress(_ job: JobSummary) throws -> JobSummary {
        guard !job.state.isFinal else { return job }
        var job = job
        let progress = try readAll("SELECT * FROM progress WHERE job_id = ?", [job.jobID.text], JobProgress.init).first
        job.progress = progress.flatMap { $0.stage == job.stage ? $0 : nil }
        return job
    }

    /// Returns the progress of a batch's running jobs; `nil` when none runs.
    func progress(ofBatch id: String, at now: Timestamp) throws -> BatchSummary.Progress? {
        try readFirst(
            """
            SELECT count(*) AS running,
                total(CASE WHEN p.total IS NULL THEN 0 ELSE min(p.done, p.total) END) AS done,
                total(p.total) AS whole,
                total(CASE WHEN p.at >= ? AND p.phase IS NOT 'queued' THEN p.rate ELSE 0 END) AS rate
            FROM progress p JOIN jobs j ON j.job_id = p.job_id AND j.stage = p.stage
            WHERE j.batch_id = ? AND j.state NOT IN (?, ?, ?, ?, ?, ?)
            """,
            [
                (now + (.zero - Self.rateAge)).milliseconds, id, JobState.queued.rawValue, JobState.waiting.rawValue,
                JobState.completed.rawValue, JobState.duplicate.rawValue, JobState.deadLetter.rawValue,
                JobState.cancelled.rawValue,
            ]
        ) { row in
            let running: Int = try row.value("running")
            guard running > 0 else { return nil }
            // `total` adds floating-point numbers, so that values of other publishers cannot overflow.
            return BatchSummary.Progress(
                running: running, done: Int64(clamping: try row.value("done")),
                total: Int64(clamping: try row.value("whole")), rate: try row.value("rate"))
        } ?? nil
    }
}

extension Int64 {
    fileprivate init(clamping value: Double) {
        self = value < Double(Int64.max) ? Int64(value) : .max
    }
}
