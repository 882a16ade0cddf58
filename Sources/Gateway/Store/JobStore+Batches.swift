import Contracts
import GRDB

/// What became of a batch.
struct BatchSummary: Encodable, Sendable, Equatable {
    var batchID: String
    var requestedBy: String?
    var createdAt: Timestamp
    /// As many tracks as were submitted under the batch's name, those of links as they are read.
    var itemsTotal: Int
    var alreadyEnqueued: Int
    var alreadyProcessed: Int
    var state: State
    /// The batch's own jobs by state; every state is named.
    var totals: [String: Int]
    var durations: Durations
    /// How far the running transfers have come; absent when there is none.
    var progress: Progress?
    /// The links of the batch.
    var expansions: [ExpansionResponse]

    /// Bytes of the jobs that run now. Of one whose whole is not known nothing is counted.
    struct Progress: Encodable, Sendable, Equatable {
        var running: Int
        var done: Int64
        var total: Int64
        /// Bytes a second, of those that were heard of a moment ago.
        var rate: Double
    }

    enum State: String, Codable, Sendable {
        case running, success, failed
        case partialSuccess = "partial_success"
    }

    /// Times in milliseconds; absent while there is nothing to measure.
    struct Durations: Encodable, Sendable, Equatable {
        /// From the first submission to the last end, once every job has ended.
        var total: Int64?
        /// The time within which 95 of 100 completed jobs were done.
        var p95: Int64?
        var p99: Int64?

        enum CodingKeys: String, CodingKey {
            case total = "total_ms"
            case p95 = "p95_ms"
            case p99 = "p99_ms"
        }
    }

    enum CodingKeys: String, CodingKey {
        case state, totals, durations, progress, expansions
        case batchID = "batch_id"
        case requestedBy = "requested_by"
        case createdAt = "created_at"
        case itemsTotal = "items_total"
        case alreadyEnqueued = "already_enqueued"
        case alreadyProcessed = "already_processed"
    }
}

extension BatchSummary.State {
    init(_ counts: [JobState: Int], _ expansions: [Expansion]) {
        let processed = counts.reduce(0) { $0 + ($1.key.isProcessed ? $1.value : 0) }
        let stopped =
            counts.reduce(0) { $0 + ($1.key.isStopped ? $1.value : 0) }
            + expansions.count { $0.state == .failed || $0.state == .cancelled }
        if expansions.contains(where: { !$0.state.isFinal }) {
            self = .running
        } else if counts.contains(where: { !$0.key.isFinal && $0.value > 0 }) {
            self = .running
        } else if stopped == 0 {
            self = .success
        } else {
            self = processed == 0 ? .failed : .partialSuccess
        }
    }
}

// Batches.
extension JobStore {
    /// What became of a batch; `nil` when nobody submitted one of that name.
    func batch(_ id: String) async throws -> BatchSummary? {
        let now = clock()
        return try await writer.read { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT * FROM batches WHERE batch_id = ?", arguments: [id])
            else { return nil }
            let counts = try Self.counts(inBatch: id, db)
            let expansions = try Self.expansions(inBatch: id, db)
            let state = BatchSummary.State(counts, expansions)
            let created = Timestamp(milliseconds: row["created_at"])
            return BatchSummary(
                batchID: id, requestedBy: row["requested_by"], createdAt: created, itemsTotal: row["items_total"],
                alreadyEnqueued: row["already_enqueued"], alreadyProcessed: row["already_processed"], state: state,
                totals: Dictionary(uniqueKeysWithValues: JobState.allCases.map { ($0.rawValue, counts[$0] ?? 0) }),
                durations: try Self.durations(inBatch: id, since: created, hasEnded: state != .running, db),
                progress: state == .running ? try Self.progress(ofBatch: id, at: now, db) : nil,
                expansions: expansions.map(ExpansionResponse.init))
        }
    }

    /// Notes items under a batch's name, which may be new.
    static func addToBatch(
        _ id: String, requestedBy: String?, items: Int, alreadyEnqueued: Int = 0, alreadyProcessed: Int = 0,
        at now: Timestamp, _ db: Database
    ) throws {
        try db.cachedStatement(
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

    private static func counts(inBatch id: String, _ db: Database) throws -> [JobState: Int] {
        let rows = try Row.fetchAll(
            db, sql: "SELECT state, count(*) AS jobs FROM jobs WHERE batch_id = ? GROUP BY state", arguments: [id])
        return rows.reduce(into: [:]) { counts, row in
            if let state = JobState(rawValue: row["state"]) { counts[state] = row["jobs"] }
        }
    }

    private static func durations(
        inBatch id: String, since created: Timestamp, hasEnded: Bool, _ db: Database
    ) throws -> BatchSummary.Durations {
        let times = try Int64.fetchAll(
            db,
            sql: """
                SELECT max(0, ended_at - submitted_at) AS duration FROM jobs
                WHERE batch_id = ? AND state = ? AND ended_at IS NOT NULL ORDER BY duration
                """, arguments: [id, JobState.completed.rawValue])
        let end = try Int64.fetchOne(db, sql: "SELECT max(ended_at) FROM jobs WHERE batch_id = ?", arguments: [id])
        return BatchSummary.Durations(
            total: hasEnded ? end.map { max(0, $0 - created.milliseconds) } : nil,
            p95: times.percentile(95), p99: times.percentile(99))
    }
}

extension [Int64] {
    /// The smallest of these sorted values that at least `share` of 100 do not exceed (nearest rank).
    func percentile(_ share: Int) -> Int64? {
        isEmpty ? nil : self[Swift.max(0, (count * share + 99) / 100 - 1)]
    }
}
