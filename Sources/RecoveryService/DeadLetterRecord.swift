import AMQP
import Contracts
import Crypto
import Foundation

/// What is known of one dead letter, read from its message.
struct DeadLetterRecord: Codable, Sendable, Equatable {
    /// The message id; made from the body where the publisher gave none.
    var id: String
    var jobID: String?
    var batchID: String?
    var kind: String?
    var artist: String?
    var title: String?
    /// Where it died: a stage, or `intake`.
    var stage: String?
    /// The parking lot that holds it.
    var queue: String
    var reason: String
    var error: String
    var attempt: Int
    var requeues: Int
    var priority: Int?
    var worker: String?
    /// When it died, RFC 3339; `nil` when the message does not tell. Later deaths of a message have later times.
    var deadAt: String?

    enum CodingKeys: String, CodingKey {
        case id, kind, artist, title, stage, queue, reason, error, attempt, requeues, priority, worker
        case jobID = "job_id"
        case batchID = "batch_id"
        case deadAt = "dead_at"
    }
}

extension DeadLetterRecord {
    /// Reads a delivery of a parking lot, or of the queue with the copies; `lot` is the parking lot, where it is known.
    init(_ delivery: Delivery, queue: String? = nil) {
        let properties = delivery.message.properties
        let death = DeathRecord(properties.headers, routingKey: delivery.routingKey)
        let job = try? ContractCoding.decode(JobDocument.self, from: delivery.message.body)
        let envelope = JobCounts(properties.headers)
        id = Self.id(of: delivery.message)
        jobID = job?.jobID.text ?? properties.correlationID
        batchID = job?.batchID
        kind = job?.kind.rawValue
        artist = job?.track.artist
        title = job?.track.title
        stage = death.place ?? queue.flatMap(Self.stage(ofLot:))
        self.queue = queue ?? death.queue
        reason = death.reason
        error = death.error
        attempt = envelope.attempt
        requeues = envelope.requeues
        priority = properties.priority.map(Int.init) ?? job?.priority
        worker = death.worker
        deadAt =
            (death.at ?? properties.timestamp.map { Timestamp(Date(timeIntervalSince1970: Double($0))) })?
            .description
    }

    /// The name by which operators know a message.
    static func id(of message: Message) -> String {
        if let id = message.properties.messageID, !id.isEmpty { return id }
        let digest = SHA256.hash(data: message.body).prefix(16).map { String(format: "%02x", $0) }
        return "sha256-" + digest.joined()
    }

    private static func stage(ofLot queue: String) -> String? {
        Stage.allCases.first { QueueName.deadLetters($0) == queue }?.rawValue
    }
}

/// The counts in the headers of a message.
private struct JobCounts {
    let attempt: Int
    let requeues: Int

    init(_ headers: FieldTable) {
        attempt = Int(clamping: max(1, headers[MessageHeader.attempt]?.integerValue ?? 1))
        requeues = Int(clamping: max(0, headers[MessageHeader.requeues]?.integerValue ?? 0))
    }
}

/// Why, where and when a message died: HDM's own record, or the broker's where that is younger or the only one.
struct DeathRecord: Sendable, Equatable {
    var reason: String
    var error: String
    /// A stage, or `intake`.
    var place: String?
    var at: Timestamp?
    var worker: String?
    /// The parking lot that the routing key leads to.
    var queue: String

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
        let broker = BrokerDeathRecord(headers)
        guard let broker, at.map({ $0 < broker.at }) ?? true else {
            if reason == "unknown" { noteUnrouted(routingKey) }
            return
        }
        take(broker)
    }

    /// No record of a death at all: nothing takes its routing key, and the alternate exchange parked it.
    private mutating func noteUnrouted(_ routingKey: String) {
        guard at == nil else { return }
        reason = "unroutable"
        error = "no queue takes the routing key '\(routingKey.prefix(200))'"
    }

    private mutating func take(_ broker: BrokerDeathRecord) {
        reason = broker.reason
        error = "the broker dead-lettered it from \(broker.queue): \(broker.reason)"
        at = broker.at
        worker = nil
        place = Stage.allCases.first { broker.queue.hasPrefix(QueueName.work($0)) }?.rawValue ?? place
    }
}

/// The youngest entry of the broker's own record (RabbitMQ, `x-death`).
private struct BrokerDeathRecord {
    let reason: String
    let queue: String
    let at: Timestamp

    init?(_ headers: FieldTable) {
        guard case .array(let deaths)? = headers["x-death"] else { return nil }
        let notes = deaths.compactMap { death -> BrokerDeathRecord? in
            guard case .table(let fields) = death else { return nil }
            return BrokerDeathRecord(fields: fields)
        }
        guard let youngest = notes.max(by: { $0.at < $1.at }) else { return nil }
        self = youngest
    }

    /// Retry tiers dead-letter, too: that is their work and no death.
    private init?(fields: FieldTable) {
        guard let reason = fields["reason"]?.stringValue, let queue = fields["queue"]?.stringValue,
            case .timestamp(let seconds)? = fields["time"], !queue.hasPrefix("hdm.retry.")
        else { return nil }
        self.reason = reason
        self.queue = queue
        at = Timestamp(Date(timeIntervalSince1970: Double(seconds)))
    }
}
