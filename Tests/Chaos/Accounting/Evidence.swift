import Contracts

/// What is left after a run, as plain values.
struct Evidence: Sendable, Equatable {
    /// One accepted item of a submission, or a job that another service published. A repeated request is one more item.
    struct Accepted: Sendable, Equatable {
        var job: String
        var request: Workload.Request
        /// Whether a cancellation was accepted.
        var isCancelled = false
        /// How often a requeue of its dead letter was accepted.
        var requeues = 0
    }

    /// A job as the gateway's API shows it.
    struct Job: Sendable, Equatable {
        var id: String
        var state: String
        var timeline: [Event]
    }

    struct Event: Sendable, Equatable {
        var name: String
        var state: String
        var generation: Int
        var at: String
        var attempt = 1
        var text = ""
    }

    /// A file of the library.
    struct File: Sendable, Equatable {
        var path: String
        /// The track; `nil` for a file of unknown content.
        var track: Int?
        var isWhole: Bool
    }

    struct AuditRow: Sendable, Equatable {
        var action: String
        var job: String
        var path: String
    }

    /// A message in a queue.
    struct Message: Sendable, Equatable {
        var queue: String
        var job: String?
        var generation: Int
        var text = ""
    }

    struct Reservation: Sendable, Equatable {
        var key: String
        var job: String
        var status: String
    }

    /// A dead letter that recovery's API lists.
    struct Indexed: Sendable, Equatable {
        var job: String?
        var generation: Int
        var queue: String
        /// Whether recovery no longer finds its message in the queue, so that only the index has it.
        var isGone = false
    }

    var accepted: [Accepted] = []
    /// Requests that no service accepted until the end.
    var refused: [Workload.Request] = []
    var jobs: [Job] = []
    /// The jobs that recovery reported because their messages were gone, once for each time. They were restarted.
    var lost: [String] = []
    /// The queues that were deleted by hand, once for each time. What a half-open connection held is lost with them.
    var deletions: [String] = []
    /// The jobs that ended because processes crashed while they worked on them alone, once for each time. They were
    /// requeued.
    var looped: [String] = []
    /// The services that were made to crash again and again.
    var crashing: Set<String> = []
    var library: [File] = []
    var audit: [AuditRow] = []
    var messages: [Message] = []
    var reservations: [Reservation] = []
    var index: [Indexed] = []
    /// Work folders of jobs and partial files.
    var leftovers: [String] = []
}

/// A difference between what was promised and what is left.
struct Finding: Sendable, Equatable, CustomStringConvertible {
    enum Rule: String, Sendable, CaseIterable {
        case notAccepted, lostJob, lostMessage, crashLoop, unknownJob, active, endings, wrongEnding, library, audit,
            message,
            deadLetter, index
        case reservation, leftover
    }

    var rule: Rule
    var job: String?
    var text: String

    var description: String { "\(rule.rawValue): \(job.map { "job \($0): " } ?? "")\(text)" }
}
