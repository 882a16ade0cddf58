/// How far a running stage has come. Transient: published on `hdm.events` as `progress.<stage>`, may be lost.
public struct ProgressEvent: Codable, Sendable, Equatable {
    /// The value of `schema` in progress events of this version.
    public static let schema = "hdm.progress/1"

    public var schema = ProgressEvent.schema
    public var jobID: JobID
    public var stage: Stage
    public var at: Timestamp
    /// Bytes.
    public var done: Int64
    /// Bytes, where the whole is known.
    public var total: Int64?
    /// Bytes a second.
    public var rate: Double?
    /// Who sends the file.
    public var peer: String?
    /// The place in the peer's queue, from 0 or 1, as the peer says.
    public var placeInQueue: Int?
    /// A word of ``TransferPhase``, or of a later version.
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

    /// The key it is published under on `hdm.events`.
    public var routingKey: String { "progress.\(stage.rawValue)" }
}

/// What a transfer is doing.
public enum TransferPhase: String, CaseIterable, Codable, Sendable {
    /// It stands in a peer's queue.
    case queued
    /// It is its turn, and no byte has come.
    case starting
    case transferring
}
