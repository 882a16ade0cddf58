public import Contracts
import Databases
import GRDB

/// The latest known progress of a running job.
public struct JobProgress: Encodable, Sendable, Equatable {
    public var stage: Stage
    /// Bytes so far.
    public var done: Int64
    /// Bytes in total, if known.
    public var total: Int64?
    /// Bytes per second.
    public var rate: Double?
    public var peer: String?
    public var placeInQueue: Int?
    /// A raw value of `TransferPhase`, or one of a later version.
    public var phase: String?
    public var at: Timestamp

    enum CodingKeys: String, CodingKey {
        case stage, done, total, rate, peer, phase, at
        case placeInQueue = "place_in_queue"
    }

    init(_ row: Row) throws {
        stage = try row.enumeration("stage")
        done = try row.value("done")
        total = try row.optionalValue("total")
        rate = try row.optionalValue("rate")
        peer = try row.optionalValue("peer")
        placeInQueue = try row.optionalValue("place_in_queue")
        phase = try row.optionalValue("phase")
        at = try row.time("at")
    }
}
