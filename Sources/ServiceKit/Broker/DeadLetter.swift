public import AMQP
public import Contracts
import Foundation

/// A message that could not be processed, to be published to a dead-letter queue.
public struct DeadLetter: Sendable {
    /// The kind of queue: for jobs that failed at a stage, or for documents that break the contract.
    public enum Kind: Sendable { case dead, invalid }

    /// The message as it was delivered.
    public var message: Message
    public var kind: Kind
    /// A stage, or `intake`.
    public var place: String
    public var error: JobError
    public var envelope: JobEnvelope
    /// The process that could not process the message.
    public var worker: String

    public init(
        _ message: Message, kind: Kind, place: String, error: JobError, envelope: JobEnvelope, worker: String
    ) {
        self.message = message
        self.kind = kind
        self.place = place
        self.error = error
        self.envelope = envelope
        self.worker = worker
    }

    var routingKey: String {
        switch kind {
        case .dead: "dead.\(place)"
        case .invalid: RoutingKey.invalid(place)
        }
    }

    /// The message with a new death record in place of earlier ones, in a form that the broker accepts.
    var marked: Message {
        var marked = message
        var headers = message.properties.headers.keptInDeath
        headers.merge(envelope.waiting(until: nil).headers) { _, new in new }
        headers[MessageHeader.deadReason] = .string(error.code.rawValue)
        headers[MessageHeader.deadError] = .string(error.message)
        headers[MessageHeader.deadAt] = .string(Timestamp.now.description)
        headers[MessageHeader.deadStage] = .string(place)
        headers[MessageHeader.worker] = .string(worker)
        marked.properties.headers = headers
        marked.properties.isPersistent = true
        marked.properties.expiration = nil
        // The broker refuses a message in the name of another user than the publisher.
        marked.properties.userID = nil
        if marked.properties.messageID == nil { marked.properties.messageID = UUID().uuidString.lowercased() }
        return marked
    }
}

extension FieldTable {
    /// The most bytes that headers of other publishers may use in a dead letter. The death record comes on top, and all
    /// headers must fit into one frame; otherwise the message could never be published.
    private static let largestKept = 32 * 1024

    /// The headers of other publishers that a dead letter keeps, small ones first. Headers that would route it to other
    /// queues are left out.
    fileprivate var keptInDeath: FieldTable {
        var kept: FieldTable = [:]
        var size = 0
        for (name, value) in sorted(by: { ($0.value.size, $0.key) < ($1.value.size, $1.key) })
        where !MessageHeader.isDeathRecord(name) && !JobEnvelope.names.contains(name) && !Self.routing.contains(name) {
            size += name.utf8.count + value.size
            guard size <= Self.largestKept else { break }
            kept[name] = value
        }
        return kept
    }

    /// Sender-selected distribution (RabbitMQ): further routing keys.
    private static let routing: Set = ["CC", "BCC"]
}

extension FieldValue {
    /// The approximate encoded size in bytes.
    fileprivate var size: Int {
        switch self {
        case .string(let text): 8 + text.utf8.count
        case .bytes(let bytes): 8 + bytes.count
        case .integer, .double, .bool, .timestamp, .void: 16
        case .array(let values): values.reduce(8) { $0 + $1.size }
        case .table(let fields): fields.reduce(8) { $0 + 8 + $1.key.utf8.count + $1.value.size }
        }
    }
}
