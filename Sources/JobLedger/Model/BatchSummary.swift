public import Contracts

/// The state of a batch.
public struct BatchSummary: Encodable, Sendable, Equatable {
    public var batchID: String
    public var requestedBy: String?
    public var createdAt: Timestamp
    /// How many tracks were submitted for the batch. The tracks of links are added while the links are read.
    public var itemsTotal: Int
    public var alreadyEnqueued: Int
    public var alreadyProcessed: Int
    public var state: State
    /// The number of the batch's own jobs for every state.
    public var totals: [String: Int]
    public var durations: Durations
    /// The progress of the running transfers; `nil` when there is none.
    public var progress: Progress?
    /// The links of the batch.
    public var expansions: [ExpansionSummary]

    /// The bytes of the jobs that run now. A job with unknown size counts as 0 bytes.
    public struct Progress: Encodable, Sendable, Equatable {
        public var running: Int
        public var done: Int64
        public var total: Int64
        /// Bytes per second of the jobs with recent progress.
        public var rate: Double
    }

    /// Whether the batch still runs, and else how it ended.
    public enum State: String, Codable, Sendable {
        case running, success, failed
        case partialSuccess = "partial_success"
    }

    /// Times in milliseconds; `nil` while there is nothing to measure.
    public struct Durations: Encodable, Sendable, Equatable {
        /// From the first submission to the last end, if every job has ended.
        public var total: Int64?
        /// The time within which 95 of 100 completed jobs ended.
        public var p95: Int64?
        public var p99: Int64?

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
    init(_ counts: [JobState: Int], _ expansions: [ExpansionSummary]) {
        func count(_ condition: (JobState) -> Bool) -> Int {
            counts.reduce(0) { $0 + (condition($1.key) ? $1.value : 0) }
        }
        let failedLinks = expansions.count { $0.state == .failed || $0.state == .cancelled }
        if expansions.contains(where: { !$0.state.isFinal }) || count({ !$0.isFinal }) > 0 {
            self = .running
        } else if count(\.isStopped) + failedLinks == 0 {
            self = .success
        } else {
            self = count(\.isProcessed) == 0 ? .failed : .partialSuccess
        }
    }
}

extension [Int64] {
    /// Returns the smallest of these sorted values that at least `share` of 100 do not exceed (nearest rank).
    func percentile(_ share: Int) -> Int64? {
        isEmpty ? nil : self[Swift.max(0, (count * share + 99) / 100 - 1)]
    }
}
