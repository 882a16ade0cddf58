import AMQP
import Contracts
import Crypto
import Foundation

/// The data of one dead letter, read from its message.
struct DeadLetterRecord: Sendable, Equatable {
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
    var cause = DeathCause.service
    /// The id of the job, or a digest of a body that is no job document. Two messages with one id and different subjects
    /// are different dead letters.
    var subject = ""

    var key: DeadLetterKey { DeadLetterKey(id: id, subject: subject, generation: requeues) }
}

/// What identifies a dead letter: its message id, its job and how often the job was requeued before.
struct DeadLetterKey: Sendable, Hashable {
    var id: String
    var subject: String
    var generation: Int
}

extension DeadLetterRecord {
    /// Reads a message of a dead-letter queue, or of recovery's queue with the copies.
    /// - Parameter queue: the dead-letter queue; `nil` for a copy, whose routing key names it.
    init(_ routed: RoutedMessage, queue: String? = nil) {
        let message = routed.message
        let death = DeathRecord(message.properties.headers, routingKey: routed.routingKey)
        let counts = JobCounts(message.properties.headers)
        id = Self.id(of: message)
        stage = death.place ?? queue.flatMap(Self.stage(ofQueue:))
        self.queue = queue ?? death.queue
        reason = death.reason
        error = death.error
        // A message that was put into a dead-letter queue by hand did not miss its queue.
        cause = death.cause == .unrouted && routed.exchange.isEmpty ? .service : death.cause
        attempt = counts.attempt
        requeues = counts.requeues
        worker = death.worker
        let published = message.properties.timestamp.map { Timestamp(Date(timeIntervalSince1970: Double($0))) }
        deadAt = (death.at ?? published)?.description
        readDocument(of: message)
    }

    private mutating func readDocument(of message: Message) {
        let job = (try? JobBody(message.body))?.document
        jobID = job?.jobID.text ?? message.properties.correlationID
        batchID = job?.batchID
        kind = job?.kind.rawValue
        artist = job?.track.artist
        title = job?.track.title
        priority = message.properties.priority.map(Int.init) ?? job?.priority
        subject = job?.jobID.text ?? Self.digest(of: message)
    }

    /// Returns the id by which operators refer to a message.
    static func id(of message: Message) -> String {
        if let id = message.properties.messageID, !id.isEmpty { return id }
        return digest(of: message)
    }

    /// Returns how often the job of a message had been requeued.
    static func generation(of message: Message) -> Int { JobCounts(message.properties.headers).requeues }

    private static func digest(of message: Message) -> String {
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
