/// An order to running services, published on `hdm.control` and seen by all of them.
public struct ControlMessage: Codable, Sendable, Equatable {
    /// The value of `schema` in orders of this version.
    public static let schema = "hdm.control/1"

    /// What to do.
    public enum Order: String, Codable, Sendable, CaseIterable {
        case pause, resume, cancel, reprioritise
    }

    public var schema = ControlMessage.schema
    public var order: Order
    /// The stage to pause or resume.
    public var stage: Stage?
    /// The job to cancel or reprioritise.
    public var jobID: JobID?
    /// How often the job to cancel had been sent back to work: no later life of it is meant.
    public var requeues: Int?
    /// The new priority, 0 … 9.
    public var priority: Int?
    public var at: Timestamp

    enum CodingKeys: String, CodingKey {
        case schema, order, stage, requeues, priority, at
        case jobID = "job_id"
    }

    public init(_ order: Order, stage: Stage? = nil, jobID: JobID? = nil, priority: Int? = nil) {
        self.order = order
        self.stage = stage
        self.jobID = jobID
        self.priority = priority
        self.at = .now
    }
}
