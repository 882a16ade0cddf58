public import Contracts

/// A generation of a job that a person cancelled.
public struct CancelledGeneration: Sendable, Equatable, Codable {
    public var job: JobID
    public var generation: Int

    enum CodingKeys: String, CodingKey {
        case job = "job_id"
        case generation = "requeues"
    }

    public init(job: JobID, generation: Int) {
        self.job = job
        self.generation = generation
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        job = try fields.decode(JobID.self, forKey: .job)
        // The orders of an earlier version could lack the number.
        generation = try fields.decodeIfPresent(Int.self, forKey: .generation) ?? 0
    }
}
