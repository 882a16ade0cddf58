import AMQP
import Contracts
import Files
import JobLedger
import Logging
import ServiceKit

/// Publishes single entries of the outbox.
struct OutboxPublisher: Sendable {
    static let timeout: Duration = .seconds(10)

    let connection: AMQPConnection
    let messages: MessageBuilder
    let cancelled: CancelledJobs
    let logger: Logger

    /// The process, as the leases name it.
    var instance: String { messages.instance }

    /// Publishes an entry and waits for the confirm.
    /// - Returns: `nil` when the broker has the message.
    func publish(_ entry: OutboxEntry) async -> AMQPError? {
        if let error = await markCancelled(entry) { return error }
        do throws(AMQPError) {
            try await connection.publish(
                message(entry), to: entry.route.exchange, key: entry.route.key, timeout: Self.timeout)
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

    /// Writes the marker of a cancelled job before the order is published: the process that stored the order may have
    /// died before it wrote the marker.
    private func markCancelled(_ entry: OutboxEntry) async -> AMQPError? {
        guard entry.route.type == MessageType.control,
            let order = try? ContractCoding.decode(ControlMessage.self, from: entry.body), order.order == .cancel,
            let job = order.jobID
        else { return nil }
        do {
            try await BlockingPool.markers.run { [cancelled] in
                try cancelled.cancel(job, requeues: order.requeues ?? 0)
            }
            return nil
        } catch {
            return AMQPError(.protocolError, "\(error)")
        }
    }

    /// Logs and counts the jobs that the broker confirmed.
    func announce(_ entries: [OutboxEntry]) {
        GatewayMetrics.published(entries.count { $0.route.stage != nil })
        for entry in entries where entry.route.stage == .match {
            var metadata: Logger.Metadata = [
                LogKey.jobID: .string(entry.jobID), LogKey.stage: .string(Stage.match.rawValue),
                LogKey.attempt: .stringConvertible(1),
            ]
            if let batch = entry.batchID { metadata[LogKey.batchID] = .string(batch) }
            if let trace = LogKey.traceID(of: entry.traceparent) { metadata[LogKey.traceID] = .string(trace) }
            logger.log(event: .matchEnqueued, "the match queue has the job", metadata: metadata)
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
