import Contracts
import ServiceKit

/// Where a job whose message no queue took belongs.
enum UnroutedJob: Sendable, Equatable {
    case stage(Stage, suffix: String)
    case review

    /// Reads the routing key of a message on `hdm.jobs` or `hdm.retry`: `<origin>.<place>[.<class>]`.
    /// - Returns: `nil` for a key that belongs to no queue.
    init?(exchange: String, routingKey: String) {
        let words = routingKey.split(separator: ".", omittingEmptySubsequences: false)
        guard [ExchangeName.jobs, ExchangeName.retry].contains(exchange), (2...3).contains(words.count) else {
            return nil
        }
        let suffix = words.count == 3 ? ".\(words[2])" : ""
        if words[1] == "review", suffix.isEmpty, exchange == ExchangeName.jobs {
            self = .review
        } else if let stage = Stage(rawValue: String(words[1])),
            PriorityClass.allCases.contains(where: { $0.suffix == suffix })
        {
            self = .stage(stage, suffix: suffix)
        } else {
            return nil
        }
    }

    /// The stage whose events tell of the job.
    var stage: Stage {
        switch self {
        case .stage(let stage, _): stage
        case .review: .match
        }
    }

    /// The state of the job after the message has returned.
    var state: JobState { self == .review ? .review : .queued }

    /// The key under which the message returns.
    var routingKey: String {
        switch self {
        case .stage(let stage, let suffix): "recovery.\(stage.rawValue)\(suffix)"
        case .review: "recovery.review"
        }
    }

    /// Returns the queue that takes the message.
    func queue(_ type: QueueType) -> String {
        switch self {
        case .stage(let stage, let suffix): QueueName.work(stage) + (type == .quorum ? suffix : "")
        case .review: QueueName.review
        }
    }
}
