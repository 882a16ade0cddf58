import Contracts
import Logging
import ServiceKit

/// Makes the index agree with the dead-letter queues, and the queues with what the index knows of them.
struct Reconciliation: Sendable {
    private let index: DeadLetterIndex
    private let queues: DeadLetterQueues
    private let missed: MissedDeadLetters
    private let logger: Logger

    init(_ runtime: ServiceRuntime, index: DeadLetterIndex, queues: DeadLetterQueues, requeue: Requeue) {
        self.index = index
        self.queues = queues
        missed = MissedDeadLetters(
            index: index, requeue: requeue, publisher: runtime.publisher, pauses: runtime.pauses,
            logger: runtime.logger)
        logger = runtime.logger
    }

    /// Reads the queues once. Not during an upgrade of the queues.
    func run() async throws {
        let start = try await index.beginReconciliation()
        let survey = try await queues.read { batch, queue in
            try await index.reconcile(try batch.map { try ReadDeadLetter($0, queue: queue) })
        }
        try await index.endReconciliation(since: start, completeQueues: survey.complete)
        try await missed.restore(in: survey.complete, since: start)
        for (queue, count) in survey.copies { log(removed: count, from: queue) }
    }

    private func log(removed count: Int, from queue: String) {
        logger.info(
            "copies of dead letters were removed; each of these messages is still in the queue once",
            metadata: [LogKey.queue: .string(queue), "messages": .stringConvertible(count)])
    }
}
