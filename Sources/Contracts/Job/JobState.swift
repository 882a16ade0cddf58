/// What a job is doing, as shown to users and stored by the gateway.
public enum JobState: String, CaseIterable, Codable, Sendable {
    case queued, matching, review, downloading, tagging, moving, waiting
    case completed, duplicate
    case deadLetter = "dead_letter"
    case cancelled

    /// Whether the job has reached an end. Only an operator's requeue or a forced submission leaves it.
    public var isFinal: Bool {
        switch self {
        case .completed, .duplicate, .deadLetter, .cancelled: true
        case .queued, .matching, .review, .downloading, .tagging, .moving, .waiting: false
        }
    }
}
