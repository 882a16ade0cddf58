import AMQP
import Contracts
import Crypto
import Foundation

/// The data of one dead letter, read from its message.
struct DeadLetterRecord: Codable, Sendable, Equatable {
    /// The message id, or a digest of the body if the publisher set none.
    var id: String
    var jobID: String?
    var batchID: String?
    var kind: String?
    var artist: String?
    var title: String?
    /// The stage in which the job ended, or `intake`.
    var stage: String?
    /// The dead-letter queue that holds the message.
    var queue: String
    var reason: String
    var error: String
    var attempt: Int
    var requeues: Int
    var priority: Int?
    var worker: String?
    /// The time of death, RFC 3339; `nil` if the message does not contain it. A later death of a message has a later
    /// time.
    var deadAt: String?

    enum CodingKeys: String, CodingKey {
        case id, kind, artist, title, stage, queue, reason, error, attempt, requeues, priority, worker
        case jobID = "job_id"
        case batchID = "batch_id"
        case deadAt = "dead_at"
    }
}

extension DeadLetterRecord {
    /// Reads a delivery of a dead-letter queue, or of recovery's queue with the copies.
    /// - Parameter queue: the dead-letter queue; `nil` for a copy, whose routing key names it.
    init(_ delivery: Delivery, queue: String? = nil) {
        let properties = delivery.message.properties
        let death = DeathRecord(properties.headers, routingKey: delivery.routingKey)
        let job = try? ContractCoding.decode(JobDocument.self, from: delivery.message.body)
        let counts = JobCounts(properties.headers)
        id = Self.id(of: delivery.message)
        jobID = job?.jobID.text ?? properties.correlationID
        batchID = job?.batchID
        kind = job?.kind.rawValue
        artist = job?.track.artist
        title = job?.track.title
        stage = death.place ?? queue.flatMap(Self.stage(ofQueue:))
        self.queue = queue ?? death.queue
        reason = death.reason
        error = death.error
        attempt = counts.attempt
        requeues = counts.requeues
        priority = properties.priority.map(Int.init) ?? job?.priority
        worker = death.worker
        let published = properties.timestamp.map { Timestamp(Date(timeIntervalSince1970: Double($0))) }
        deadAt = (death.at ?? published)?.description
    }

    /// Returns the id by which operators refer to a message.
    static func id(of message: Message) -> String {
        if let id = message.properties.messageID, !id.isEmpty { return id }
        let digest = SHA256.hash(data: message.body).prefix(16).map { String(format: "%02x", $0) }
        return "sha256-" + digest.joined()
    }

    private static func stage(ofQueue queue: String) -> String? {
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
