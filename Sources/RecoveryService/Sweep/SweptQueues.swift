import Contracts

/// The queues that hold the messages of active jobs.
struct SweptQueues: Sendable {
    private let type: QueueType

    init(_ type: QueueType) { self.type = type }

    /// The queues that a service consumes.
    func work(of stage: Stage) -> [String] { QueueName.work(stage, type) }

    var tiers: [String] { RetryTier.allCases.map(\.queue) }

    var consumed: [String] { Stage.allCases.flatMap(work) + [QueueName.review] }

    var all: [String] { tiers + consumed }
}
