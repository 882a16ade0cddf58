/// The progress of a running stage. It is published on `hdm.events` as `progress.<stage>` and can be lost.
public struct ProgressEvent: Codable, Sendable, Equatable {
    /// The value of `schema` in progress events of this version.
    public static let schema = "hdm.progress/1"

    public var schema = ProgressEvent.schema
    public var jobID: JobID
    public var stage: Stage
    public var at: Timestamp
    /// The number of bytes so far.
    public var done: Int64
    /// The total number of bytes; `nil` if unknown.
    public var total: Int64?
    /// Bytes a second.
    public var rate: Double?
    /// The peer that sends the file.
    public var peer: String?
    /// The place in the peer's queue as the peer reports it. Some clients count from 0, others from 1.
    public var placeInQueue: Int?
    /// A value of ``TransferPhase``, or one that a later version defines.
    public var phase: String?

    enum CodingKeys: String, CodingKey {
        case schema, stage, at, done, total, rate, peer, phase
        case jobID = "job_id"
        case placeInQueue = "place_in_queue"
    }

    public init(jobID: JobID, stage: Stage, done: Int64, total: Int64?, rate: Double? = nil) {
        self.jobID = jobID
        self.stage = stage
        self.at = .now
        self.done = done
        self.total = total
        self.rate = rate
    }

    /// The routing key on `hdm.events`.
    public var routingKey: String { "progress.\(stage.rawValue)" }
}

/// The phase of a transfer.
public enum TransferPhase: String, CaseIterable, Codable, Sendable {
    /// The transfer is in the peer's queue.
    case queued
    /// The peer has started the transfer, and no byte has arrived.
    case starting
    case transferring
}
