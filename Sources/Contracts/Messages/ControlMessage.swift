/// An order to the running services. It is published on `hdm.control`, and every service receives it.
public struct ControlMessage: Codable, Sendable, Equatable {
    /// The value of `schema` in orders of this version.
    public static let schema = "hdm.control/1"

    /// The operation.
    public enum Order: String, Codable, Sendable, CaseIterable {
        case pause, resume, cancel, reprioritise
    }

    public var schema = ControlMessage.schema
    public var order: Order
    /// The stage to pause or resume.
    public var stage: Stage?
    /// The job to cancel or reprioritise.
    public var jobID: JobID?
    /// The generation of the job to cancel: how often it was requeued. Later generations are not cancelled.
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
