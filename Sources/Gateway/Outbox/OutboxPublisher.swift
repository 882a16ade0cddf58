import AMQP
import Contracts
import Files
import JobLedger
import ServiceKit

/// Carries out single entries of the outbox: publishes a message, or writes the marker file of a cancelled job.
struct OutboxPublisher: Sendable {
    static let timeout: Duration = .seconds(10)

    let connection: AMQPConnection
    let messages: MessageBuilder
    let cancelled: CancelledJobs

    /// The process, as the leases name it.
    var instance: String { messages.instance }

    /// Publishes a message and waits for the confirm, or writes a marker.
    /// - Returns: `nil` when the broker or the volume has the entry.
    func carryOut(_ entry: OutboxEntry) async -> (any Error)? {
        do {
            switch entry.purpose {
            case .publish:
                try await connection.publish(
                    message(entry), to: entry.route.exchange, key: entry.route.key, timeout: Self.timeout)
            case .markCancelled(let generation): try await mark(generation)
            case .drop: break
            }
            return nil
        } catch {
            return error
        }
    }

    private func message(_ entry: OutboxEntry) -> Message {
        let headers = entry.route.headers.compactMapValues(FieldValue.init)
        guard entry.route.type == MessageType.job else {
            var message = messages.message(
                entry.body, type: entry.route.type, correlationID: entry.jobID, messageID: entry.messageID,
                headers: headers)
            if entry.route.type == MessageType.link { message.properties.priority = UInt8(clamping: entry.priority) }
            return message
        }
        return messages.job(
            entry.body, id: entry.jobID, priority: entry.priority, headers: headers, messageID: entry.messageID)
    }

    /// Writes the marker of a cancelled generation: the process that stored the entry may have died before it did.
    private func mark(_ generation: CancelledGeneration) async throws {
        try await BlockingPool.markers.run(within: .seconds(5)) { [cancelled] in
            try cancelled.cancel(generation.job, requeues: generation.generation)
        }
    }
}

extension FieldValue {
    /// A header of the outbox; `nil` for a value that no header has.
    fileprivate init?(_ value: JSONValue) {
        switch value {
        case .integer(let number): self = .integer(number)
        case .string(let text): self = .string(text)
        default: return nil
        }
    }
}
