/// A stage of the pipeline. Jobs pass the stages in this order.
public enum Stage: String, CaseIterable, Codable, Sendable, Comparable {
    case match, download, tag, move

    /// The stage after this one; `nil` after the last.
    public var next: Stage? {
        switch self {
        case .match: .download
        case .download: .tag
        case .tag: .move
        case .move: nil
        }
    }

    /// The state of a job while this stage works on it.
    public var runningState: JobState {
        switch self {
        case .match: .matching
        case .download: .downloading
        case .tag: .tagging
        case .move: .moving
        }
    }

    public static func < (lhs: Stage, rhs: Stage) -> Bool { lhs.ordinal < rhs.ordinal }

    private var ordinal: Int {
        switch self {
        case .match: 0
        case .download: 1
        case .tag: 2
        case .move: 3
        }
    }
}

/// The services. In a Compose stack each is a process of its own.
public enum ServiceName: String, CaseIterable, Codable, Sendable {
    case gateway, match, download, tag, move, recovery, planner

    /// The port on which the service listens by default.
    public var defaultPort: Int {
        switch self {
        case .gateway: 8080
        case .match: 9101
        case .download: 9102
        case .tag: 9103
        case .move: 9104
        case .recovery: 9105
        case .planner: 9106
        }
    }
}
