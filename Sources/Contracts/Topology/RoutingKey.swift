/// The routing keys of `hdm.jobs`, `hdm.retry` and `hdm.dlx`.
public enum RoutingKey {
    /// Returns the key of a job from a stage, a submission or another program.
    public static func job(_ stage: Stage, priority: Int) -> String { key("job", stage, priority) }

    /// Returns the key of a job for a retry tier. The tier dead-letters it to `hdm.jobs` under the same key.
    public static func retry(_ tier: RetryTier, _ stage: Stage, priority: Int) -> String {
        key("t\(tier.rawValue)", stage, priority)
    }

    /// Returns the key of a job that was requeued by a person.
    public static func requeue(_ stage: Stage, priority: Int) -> String { key("requeue", stage, priority) }

    /// The key of a doubtful match that waits for a person.
    public static let review = "job.review"

    /// Returns the key of a job that became a dead letter.
    public static func dead(_ stage: Stage) -> String { "dead.\(stage.rawValue)" }

    /// Returns the key of a message that violates the contract; `place` is a stage or the
    /// end of a queue's name, such as `intake`.
    public static func invalid(_ place: String) -> String { "invalid.\(place)" }

    /// Returns the key of messages that the broker dead-letters from a stage's queue.
    public static func broker(_ stage: Stage) -> String { "broker.\(stage.rawValue)" }

    private static func key(_ origin: String, _ stage: Stage, _ priority: Int) -> String {
        "\(origin).\(stage.rawValue)\(PriorityClass(priority).suffix)"
    }
}

/// The priority classes. In a cluster each class has a queue of its own; the class is the third word of a routing key.
public enum PriorityClass: CaseIterable, Sendable {
    case high, middle, low

    /// Creates the class of a priority: 7–9, 3–6 or 0–2.
    public init(_ priority: Int) {
        switch priority {
        case 7...: self = .high
        case 3...6: self = .middle
        default: self = .low
        }
    }

    /// The end of queue names and routing keys: `.hi`, nothing or `.lo`.
    public var suffix: String {
        switch self {
        case .high: ".hi"
        case .middle: ""
        case .low: ".lo"
        }
    }
}
