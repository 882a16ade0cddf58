import Contracts
import Databases
import GRDB

extension Database {
    /// Adds items to a batch, which may be new.
    func addToBatch(
        _ id: String, requestedBy: String?, items: Int, alreadyEnqueued: Int = 0, alreadyProcessed: Int = 0,
        at now: Timestamp
    ) throws {
        try cachedStatement(
            sql: """
                INSERT INTO batches (
                    batch_id, requested_by, items_total, already_enqueued, already_processed, created_at)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (batch_id) DO UPDATE SET
                    items_total = items_total + excluded.items_total,
                    already_enqueued = already_enqueued + excluded.already_enqueued,
                    already_processed = already_processed + excluded.already_processed,
                    requested_by = coalesce(requested_by, excluded.requested_by)
                """
        ).execute(arguments: [id, requestedBy, items, alreadyEnqueued, alreadyProcessed, now.milliseconds])
    }

    /// Returns the state of a batch; `nil` when there is no such batch.
    func batch(_ id: String, at now: Timestamp) throws -> BatchSummary? {
        try readFirst("SELECT * FROM batches WHERE batch_id = ?", [id]) { row in
            let counts = try jobCounts(inBatch: id)
            let expansions = try expansions(inBatch: id)
            let state = BatchSummary.State(counts, expansions)
            let created = try row.time("created_at")
            return BatchSummary(
                batchID: id, requestedBy: try row.optionalValue("requested_by"), createdAt: created,
                itemsTotal: try row.value("items_total"), alreadyEnqueued: try row.value("already_enqueued"),
                alreadyProcessed: try row.value("already_processed"), state: state,
                totals: Dictionary(uniqueKeysWithValues: JobState.allCases.map { ($0.rawValue, counts[$0] ?? 0) }),
                durations: try durations(inBatch: id, since: created, hasEnded: state != .running),
                progress: state == .running ? try progress(ofBatch: id, at: now) : nil, expansions: expansions)
        }
    }

    private func jobCounts(inBatch id: String) throws -> [JobState: Int] {
        let counts = try readAll("SELECT state, count(*) AS jobs FROM jobs WHERE batch_id = ? GROUP BY state", [id]) {
            (try $0.enumeration("state", as: JobState.self), try $0.value("jobs", as: Int.self))
        }
        return Dictionary(counts) { $0 + $1 }
    }

    private func durations(
        inBatch id: String, since created: Timestamp, hasEnded: Bool
    ) throws -> BatchSummary.Durations {
        let times = try Int64.fetchAll(
            self,
            sql: """
                SELECT max(0, ended_at - submitted_at) AS duration FROM jobs
                WHERE batch_id = ? AND state = ? AND ended_at IS NOT NULL ORDER BY duration
                """, arguments: [id, JobState.completed.rawValue])
        let end = try Int64.fetchOne(self, sql: "SELECT max(ended_at) FROM jobs WHERE batch_id = ?", arguments: [id])
        return BatchSummary.Durations(
            total: hasEnded ? end.map { max(0, $0 - created.milliseconds) } : nil,
            p95: times.percentile(95), p99: times.percentile(99))
    }
}
