import Contracts
import GRDB

/// The newest that was heard of a job's running work.
struct JobProgress: Encodable, Sendable, Equatable {
    var stage: Stage
    /// Bytes.
    var done: Int64
    /// Bytes, where the whole is known.
    var total: Int64?
    /// Bytes a second.
    var rate: Double?
    var peer: String?
    var placeInQueue: Int?
    /// A word of `TransferPhase`, or of a later version.
    var phase: String?
    var at: Timestamp

    enum CodingKeys: String, CodingKey {
        case stage, done, total, rate, peer, phase, at
        case placeInQueue = "place_in_queue"
    }

    init?(_ row: Row) {
        guard let stage = Stage(rawValue: row["stage"]) else { return nil }
        self.stage = stage
        done = row["done"]
        total = row["total"]
        rate = row["rate"]
        peer = row["peer"]
        placeInQueue = row["place_in_queue"]
        phase = row["phase"]
        at = Timestamp(milliseconds: row["at"])
    }
}
