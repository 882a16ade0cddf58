import AMQP
import Contracts
import Logging
import ServiceKit

/// Puts dead letters into queues that did not get them: their queue was missing or not bound when they were published.
///
/// The publisher does not notice, because the queue with the copies takes the message as well. So an entry that was
/// recorded from a copy, and that no survey has found in its queue, is published to that queue once.
struct MissedDeadLetters: Sendable {
    let index: DeadLetterIndex
    let requeue: Requeue
    let publisher: JobPublisher
    let pauses: PauseState
    let logger: Logger

    /// The most messages of a queue that one survey restores.
    private static let most = 500

    /// - Parameters:
    ///   - queues: the queues that a survey has read to their end.
    ///   - start: when it began. The message of a later entry may have arrived after its queue was read.
    func restore(in queues: Set<String>, since start: Timestamp) async throws {
        for queue in queues.sorted() {
            for entry in try await index.missed(by: queue, before: start, limit: Self.most) {
                try await restoreOrSkip(entry)
            }
        }
    }

    /// One message that the broker refuses does not keep the others back.
    private func restoreOrSkip(_ entry: IndexedDeadLetter) async throws {
        do {
            try await restore(entry)
        } catch let error as AMQPError where !error.isConnectionFailure {
            logger.warning(
                "a dead letter was not put into its queue; trying again after the next survey",
                metadata: metadata(entry).merging([LogKey.error: .string("\(error)")]) { $1 })
        }
    }

    private func restore(_ entry: IndexedDeadLetter) async throws {
        if try await requeue.isReplaced(entry.record) {
            return try await index.recordRequeued(entry.number, as: entry.record.requeues + 1)
        }
        // A survey that ran during an upgrade says nothing, and the queue may be deleted with the message.
        guard await !isUpgrading() else { return }
        guard let routed = try await index.message(of: entry.number)?.restored() else {
            // The next survey reports a message whose stored body is damaged as missing.
            return try await index.recordSurveyed(entry.number)
        }
        try await publisher.publish(message(routed), to: "", key: entry.record.queue)
        guard await !isUpgrading() else { return }
        try await index.recordSurveyed(entry.number)
        logger.info("a dead letter was put into its queue, which did not get it", metadata: metadata(entry))
    }

    /// Returns the same message. Through the default exchange it reaches its queue only, and not the one with the copies.
    private func message(_ routed: RoutedMessage) -> Message {
        var message = routed.message
        message.properties.isPersistent = true
        message.properties.expiration = nil
        // The broker refuses a message in the name of another user than the publisher.
        message.properties.userID = nil
        return message
    }

    private func isUpgrading() async -> Bool {
        await pauses.refresh()
        return pauses.isUpgrading
    }

    private func metadata(_ entry: IndexedDeadLetter) -> Logger.Metadata {
        ["message_id": .string(entry.record.id), LogKey.queue: .string(entry.record.queue)]
    }
}
