public import AMQP
public import Contracts
import Foundation

/// A message that could not be worked on, on its way to a parking lot.
public struct DeadLetter: Sendable {
    /// Which lot: of the stage, or the one of documents that break the contract.
    public enum Kind: Sendable { case dead, invalid }

    /// The message as it came, untouched.
    public var message: Message
    public var kind: Kind
    /// A stage, or `intake`.
    public var place: String
    public var error: JobError
    public var envelope: JobEnvelope
    /// The process that gave up.
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

    /// The message with the record of its death in place of older ones.
    var marked: Message {
        var marked = message
        var headers = message.properties.headers.filter { !MessageHeader.isDeathRecord($0.key) }
        headers.merge(envelope.waiting(until: nil).headers) { _, new in new }
        headers[MessageHeader.deadReason] = .string(error.code.rawValue)
        headers[MessageHeader.deadError] = .string(error.message)
        headers[MessageHeader.deadAt] = .string(Timestamp.now.description)
        headers[MessageHeader.deadStage] = .string(place)
        headers[MessageHeader.worker] = .string(worker)
        marked.properties.headers = headers
        marked.properties.isPersistent = true
        marked.properties.expiration = nil
        if marked.properties.messageID == nil { marked.properties.messageID = UUID().uuidString.lowercased() }
        return marked
    }
}
