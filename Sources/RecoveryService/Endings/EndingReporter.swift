import AMQP
import Contracts
import Logging
import ServiceKit

/// Publishes the events of endings that only this service knows, so that the gateway shows them and frees the keys.
///
/// The index is the outbox: an entry is told after the broker has confirmed its event.
struct EndingReporter: Sendable {
    let index: DeadLetterIndex
    let publisher: JobPublisher
    let logger: Logger

    /// The most entries that are in memory at once.
    private static let page = 50

    /// Publishes what was not published yet. An event that fails stays for the next call.
    func reportAll() async throws {
        var last: Int64 = 0
        while true {
            let entries = try await index.untold(after: last, limit: Self.page)
            guard let end = entries.last?.number else { return }
            for entry in entries { try await reportOrSkip(entry) }
            last = end
        }
    }

    /// One event that the broker refuses does not keep the others back.
    private func reportOrSkip(_ entry: IndexedDeadLetter) async throws {
        do {
            try await report(entry)
        } catch let error as AMQPError where !error.isConnectionFailure {
            logger.warning(
                "the ending of a job was not published; trying again",
                metadata: ["message_id": .string(entry.record.id), LogKey.error: .string("\(error)")])
        }
    }

    private func report(_ entry: IndexedDeadLetter) async throws {
        guard let stored = try await index.message(of: entry.number) else { return }
        let routed = try stored.restored() ?? stored.withoutBody()
        if let event = JobEvent(ending: entry.record, routed, worker: publisher.instance) {
            try await publisher.publish(event)
            if event.state == .waiting { logMisrouted(event, entry.record, routed) }
        }
        try await index.recordTold(entry.number)
    }

    private func logMisrouted(_ event: JobEvent, _ record: DeadLetterRecord, _ routed: RoutedMessage) {
        logger.log(
            event: .recoveryMisrouted, level: .warning, "no queue took a job; it returns when its queue exists",
            metadata: [
                LogKey.jobID: .string(event.jobID.text), LogKey.stage: .string(event.stage.rawValue),
                "message_id": .string(record.id), "routing_key": .string(routed.routingKey),
            ])
    }
}
