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

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try fields.requireSchema(Self.schema, forKey: .schema)
        jobID = try fields.decode(JobID.self, forKey: .jobID)
        stage = try fields.decode(Stage.self, forKey: .stage)
        at = try fields.decode(Timestamp.self, forKey: .at)
        done = try fields.decodeWhole(forKey: .done, in: 0...Limits.bytes)
        total = try fields.decodeWholeIfPresent(forKey: .total, in: 0...Limits.bytes)
        rate = try fields.decodeIfPresent(Double.self, forKey: .rate)
        peer = try fields.decodeIfPresent(String.self, forKey: .peer)
        placeInQueue = try fields.decodeWholeIfPresent(forKey: .placeInQueue, in: 0...Limits.number)
        phase = try fields.decodeIfPresent(String.self, forKey: .phase)
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
