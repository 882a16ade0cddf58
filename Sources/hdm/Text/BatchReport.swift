import Contracts

/// A batch and its running jobs, as the gateway reports them.
struct BatchReport: Sendable {
    var batch: BatchNumbers
    /// Jobs that are neither queued, nor in review, nor ended.
    var jobs: [RunningJob]
    var at: Timestamp
}

/// The numbers of a batch.
struct BatchNumbers: Decodable, Sendable {
    var id: String
    var state: String
    var itemsTotal: Int
    var alreadyProcessed: Int
    var totals: [String: Int]
    var progress: Progress?

    struct Progress: Decodable, Sendable {
        var running: Int
        /// Bytes.
        var done: Int64
        var total: Int64
        /// Bytes a second.
        var rate: Double
    }

    enum CodingKeys: String, CodingKey {
        case state, totals, progress
        case id = "batch_id"
        case itemsTotal = "items_total"
        case alreadyProcessed = "already_processed"
    }

    var hasEnded: Bool { state != "running" }

    /// Whether every job is completed or a duplicate.
    var isSuccess: Bool { state == "success" }

    /// The totals above zero, in the order of a job's states.
    var named: [(state: String, count: Int)] {
        JobState.allCases.compactMap { state in
            totals[state.rawValue].flatMap { $0 > 0 ? (state.rawValue, $0) : nil }
        }
    }

    var ended: Int { JobState.allCases.reduce(0) { $0 + ($1.isFinal ? totals[$1.rawValue] ?? 0 : 0) } }
    var all: Int { totals.values.reduce(0, +) }
}

/// A running job.
struct RunningJob: Decodable, Sendable {
    var id: String
    var artist: String
    var title: String
    var state: String
    var stage: String
    var message: String?
    var notBefore: Timestamp?
    var progress: Progress?

    struct Progress: Decodable, Sendable {
        /// Bytes.
        var done: Int64
        var total: Int64?
        /// Bytes a second.
        var rate: Double?
        var peer: String?
        var placeInQueue: Int?
        var phase: String?

        enum CodingKeys: String, CodingKey {
            case done, total, rate, peer, phase
            case placeInQueue = "place_in_queue"
        }

        /// 0 … 100.
        var percent: Int? {
            guard let total, total > 0, done >= 0 else { return nil }
            return Int(min(100, Double(done) / Double(total) * 100))
        }

        /// The estimated seconds to the end at the present rate.
        var left: Double? {
            guard let total, let rate, rate > 0, phase != "queued", total > done else { return nil }
            return Double(total - done) / rate
        }
    }

    enum CodingKeys: String, CodingKey {
        case artist, title, state, stage, message, progress
        case id = "job_id"
        case notBefore = "not_before"
    }
}
