/// The keys of `hdm.jobs`, `hdm.retry` and `hdm.dlx`.
public enum RoutingKey {
    /// A job that comes from a stage, a submission or another service.
    public static func job(_ stage: Stage, priority: Int) -> String { key("job", stage, priority) }

    /// A job that goes to a retry tier; the tier dead-letters it to `hdm.jobs` under the same key.
    public static func retry(_ tier: RetryTier, _ stage: Stage, priority: Int) -> String {
        key("t\(tier.rawValue)", stage, priority)
    }

    /// A job that an operator sent back to work.
    public static func requeue(_ stage: Stage, priority: Int) -> String { key("requeue", stage, priority) }

    /// A doubtful match that waits for a person.
    public static let review = "job.review"

    /// A job that ended as a dead letter.
    public static func dead(_ stage: Stage) -> String { "dead.\(stage.rawValue)" }

    /// A document that breaks the contract; `place` is a stage or `intake`.
    public static func invalid(_ place: String) -> String { "invalid.\(place)" }

    /// What the broker itself dead-letters from a stage's queue.
    public static func broker(_ stage: Stage) -> String { "broker.\(stage.rawValue)" }

    private static func key(_ origin: String, _ stage: Stage, _ priority: Int) -> String {
        "\(origin).\(stage.rawValue)\(PriorityClass(priority).suffix)"
    }
}

/// The three classes into which a cluster's queues sort priorities; the third word of a routing key.
public enum PriorityClass: CaseIterable, Sendable {
    case high, middle, low

    /// 7–9, 3–6, 0–2.
    public init(_ priority: Int) {
        switch priority {
        case 7...: self = .high
        case 3...6: self = .middle
        default: self = .low
        }
    }

    /// `.hi`, nothing, or `.lo`.
    public var suffix: String {
        switch self {
        case .high: ".hi"
        case .middle: ""
        case .low: ".lo"
        }
    }
}
