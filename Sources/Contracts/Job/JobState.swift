/// The state of a job, as users see it and the gateway stores it.
public enum JobState: String, CaseIterable, Codable, Sendable {
    case queued, matching, review, downloading, tagging, moving, waiting
    case completed, duplicate
    case deadLetter = "dead_letter"
    case cancelled

    /// Whether the job has ended. Only a restart by a person or a forced submission leaves a final state.
    public var isFinal: Bool {
        switch self {
        case .completed, .duplicate, .deadLetter, .cancelled: true
        case .queued, .matching, .review, .downloading, .tagging, .moving, .waiting: false
        }
    }
}
