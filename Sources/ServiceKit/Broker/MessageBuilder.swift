public import AMQP
public import Contracts
public import Foundation

/// Builds all messages that HDM publishes, so that they agree in their properties and headers.
public struct MessageBuilder: Sendable {
    /// The process that publishes, for the property `app_id`.
    public let instance: String

    public init(instance: String) { self.instance = instance }

    /// Builds a persistent JSON message.
    /// - Parameters:
    ///   - body: the document, as JSON.
    ///   - type: one of `MessageType`.
    ///   - correlationID: the job, or the request that a response belongs to.
    ///   - messageID: identifies the message if it may be published again; otherwise a new UUID.
    public func message(
        _ body: Data, type: String, correlationID: String?, messageID: String? = nil, headers: FieldTable = [:]
    ) -> Message {
        var properties = MessageProperties()
        properties.messageID = messageID ?? UUID().uuidString.lowercased()
        properties.contentType = "application/json"
        properties.type = type
        properties.appID = instance
        properties.timestamp = UInt64(Date().timeIntervalSince1970)
        properties.correlationID = correlationID
        properties.headers = headers
        return Message(body: body, properties: properties)
    }

    /// Builds the message of a job.
    /// - Throws: an encoding error.
    public func job(
        _ job: JobDocument, _ envelope: JobEnvelope, messageID: String? = nil
    ) throws -> Message {
        self.job(
            try ContractCoding.encode(job), id: job.jobID.text, priority: job.priority, headers: envelope.headers,
            messageID: messageID)
    }

    /// Builds the message of a job whose document was encoded before.
    /// - Parameters:
    ///   - priority: 0 to 9; other values are clamped to what the property can hold.
    ///   - headers: those of a ``JobEnvelope``.
    public func job(
        _ document: Data, id: String, priority: Int, headers: FieldTable, messageID: String? = nil
    ) -> Message {
        var message = message(
            document, type: MessageType.job, correlationID: id, messageID: messageID, headers: headers)
        message.properties.priority = UInt8(clamping: priority)
        return message
    }

    /// Builds the message that returns a dead letter to work: the same body and message id, without the death record.
    ///
    /// Headers of other publishers stay. A property that the dead letter lacks is filled in from its document.
    public func requeue(_ dead: Message, _ job: JobDocument, _ envelope: JobEnvelope) -> Message {
        let standard = self.job(
            dead.body, id: job.jobID.text, priority: job.priority, headers: [:],
            messageID: dead.properties.messageID
        ).properties
        var properties = dead.properties
        properties.headers = dead.properties.headers.filter { name, _ in
            !MessageHeader.isDeathRecord(name) && !JobEnvelope.names.contains(name) && name != MessageHeader.worker
        }
        properties.headers.merge(envelope.headers) { _, new in new }
        properties.isPersistent = true
        properties.expiration = nil
        // The broker refuses a message in the name of another user than the publisher.
        properties.userID = nil
        properties.priority = properties.priority ?? standard.priority
        properties.type = properties.type ?? standard.type
        properties.contentType = properties.contentType ?? standard.contentType
        properties.correlationID = properties.correlationID ?? standard.correlationID
        return Message(body: dead.body, properties: properties)
    }
}
