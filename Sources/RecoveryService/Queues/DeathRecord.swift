import AMQP
import Contracts
import Foundation

/// Why, where and when a message became a dead letter: from HDM's own record, or from the broker's if that is later or
/// the only one.
struct DeathRecord: Sendable, Equatable {
    var reason: String
    var error: String
    /// A stage, or `intake`.
    var place: String?
    var at: Timestamp?
    var worker: String?
    /// The dead-letter queue that the routing key leads to.
    var queue: String
    var cause = DeathCause.service

    /// The reason of a message that no queue took.
    static let unroutable = "unroutable"

    init(_ headers: FieldTable, routingKey: String) {
        let key = routingKey.split(separator: ".").map(String.init)
        let place = key.count >= 2 && ["dead", "broker", "invalid"].contains(key[0]) ? key[1] : nil
        self.place = headers[MessageHeader.deadStage]?.stringValue ?? place
        queue =
            Stage(rawValue: place ?? "").map { key[0] == "invalid" ? QueueName.invalid : QueueName.deadLetters($0) }
            ?? QueueName.invalid
        worker = headers[MessageHeader.worker]?.stringValue
        at = headers[MessageHeader.deadAt]?.stringValue.flatMap { Timestamp($0) }
        reason = headers[MessageHeader.deadReason]?.stringValue ?? "unknown"
        error = headers[MessageHeader.deadError]?.stringValue ?? ""
        if key.first == "invalid" { cause = .contract }
        if key.first == "broker" { cause = .broker }
        let broker = BrokerDeathRecord(headers)
        // The broker's time has no fraction of a second; its key tells the same without a comparison.
        guard let broker, key.first == "broker" || at.map({ $0 < broker.at }) ?? true else {
            if reason == "unknown", place == nil { setUnroutable(routingKey) }
            return
        }
        replace(with: broker)
    }

    /// Without any death record, the message came through the alternate exchange: no queue has its routing key.
    private mutating func setUnroutable(_ routingKey: String) {
        guard at == nil else { return }
        cause = .unrouted
        reason = Self.unroutable
        error = "no queue is bound with the routing key '\(routingKey.prefix(200))'"
    }

    private mutating func replace(with broker: BrokerDeathRecord) {
        cause = .broker
        reason = broker.reason
        error = "the broker dead-lettered it from \(broker.queue): \(broker.reason)"
        at = broker.at
        worker = nil
        place = Stage.allCases.first { broker.queue.hasPrefix(QueueName.work($0)) }?.rawValue ?? place
    }
}

/// The latest entry of the broker's own record (RabbitMQ, `x-death`).
private struct BrokerDeathRecord {
    let reason: String
    let queue: String
    let at: Timestamp

    init?(_ headers: FieldTable) {
        guard case .array(let deaths)? = headers["x-death"] else { return nil }
        let records = deaths.compactMap { death -> BrokerDeathRecord? in
            guard case .table(let fields) = death else { return nil }
            return BrokerDeathRecord(fields: fields)
        }
        guard let latest = records.max(by: { $0.at < $1.at }) else { return nil }
        self = latest
    }

    /// Returns `nil` for a wait queue: its messages expire as planned.
    private init?(fields: FieldTable) {
        guard let reason = fields["reason"]?.stringValue, let queue = fields["queue"]?.stringValue,
            case .timestamp(let seconds)? = fields["time"], !queue.hasPrefix("hdm.retry.")
        else { return nil }
        self.reason = reason
        self.queue = queue
        at = Timestamp(Date(timeIntervalSince1970: Double(seconds)))
    }
}
