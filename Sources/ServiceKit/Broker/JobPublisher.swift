public import AMQP
public import Contracts
import Foundation

/// Publishes HDM's messages: persistent, mandatory, confirmed. When a call returns, the broker has the message.
public struct JobPublisher: Sendable {
    private let connection: AMQPConnection
    /// The process that publishes; goes into `app_id`.
    public let instance: String

    public init(_ connection: AMQPConnection, instance: String) {
        self.connection = connection
        self.instance = instance
    }

    /// Publishes a job for a stage.
    /// - Parameter messageID: given by the caller where a repeated publish must be told from another one.
    public func publish(
        _ job: JobDocument, to stage: Stage, _ envelope: JobEnvelope, messageID: String? = nil
    ) async throws(AMQPError) {
        try await publish(job, ExchangeName.jobs, RoutingKey.job(stage, priority: job.priority), envelope, messageID)
    }

    /// Publishes a job to come back to a stage after a time: at least `delay`, rounded up to a tier.
    public func publish(
        _ job: JobDocument, to stage: Stage, after delay: Duration, _ envelope: JobEnvelope
    )
        async throws(AMQPError)
    {
        let key = RoutingKey.retry(.covering(delay), stage, priority: job.priority)
        try await publish(job, ExchangeName.retry, key, envelope, nil)
    }

    /// Publishes a doubtful match for a person to look at.
    public func publishForReview(_ job: JobDocument, _ envelope: JobEnvelope) async throws(AMQPError) {
        try await publish(job, ExchangeName.jobs, RoutingKey.review, envelope, nil)
    }

    /// Publishes the change of a job's state.
    public func publish(_ event: JobEvent) async throws(AMQPError) {
        try await connection.publish(
            try message(event, MessageType.event, of: event.jobID), to: ExchangeName.events, key: event.routingKey)
    }

    /// Publishes the change of a job's state without waiting for the end. What is posted one after another goes out in
    /// this order.
    /// - Parameter completion: called once with the end; must neither block nor take long.
    func post(_ event: JobEvent, completion: @escaping @Sendable (Result<Void, AMQPError>) -> Void) {
        do throws(AMQPError) {
            connection.post(
                try message(event, MessageType.event, of: event.jobID), to: ExchangeName.events, key: event.routingKey,
                completion: completion)
        } catch {
            completion(.failure(error))
        }
    }

    /// Publishes how far a stage has come. May be lost: nobody waits for it, and a missing receiver is no error.
    func post(_ progress: ProgressEvent) {
        guard var message = try? message(progress, MessageType.progress, of: progress.jobID) else { return }
        message.properties.isPersistent = false
        connection.post(message, to: ExchangeName.events, key: progress.routingKey) { _ in }
    }

    /// Publishes a message to its parking lot.
    public func publish(_ letter: DeadLetter) async throws(AMQPError) {
        try await connection.publish(letter.marked, to: ExchangeName.deadLetters, key: letter.routingKey)
    }

    /// Publishes a message as it is; for answers to `reply_to` (the default exchange, key = queue) and requeues.
    public func publish(_ message: Message, to exchange: String, key: String) async throws(AMQPError) {
        try await connection.publish(message, to: exchange, key: key)
    }

    /// The properties that every message of this process has; each call makes a new message id.
    public func properties(type: String) -> MessageProperties {
        var properties = MessageProperties()
        properties.messageID = UUID().uuidString.lowercased()
        properties.contentType = "application/json"
        properties.type = type
        properties.appID = instance
        properties.timestamp = UInt64(Date().timeIntervalSince1970)
        return properties
    }

    private func publish(
        _ job: JobDocument, _ exchange: String, _ key: String, _ envelope: JobEnvelope, _ messageID: String?
    ) async throws(AMQPError) {
        var message = try message(job, MessageType.job, of: job.jobID)
        if let messageID { message.properties.messageID = messageID }
        message.properties.priority = UInt8(clamping: job.priority)
        message.properties.headers = envelope.headers
        try await connection.publish(message, to: exchange, key: key)
    }

    private func message(_ document: some Encodable, _ type: String, of job: JobID) throws(AMQPError) -> Message {
        do {
            var message = Message(body: try ContractCoding.encode(document), properties: properties(type: type))
            message.properties.correlationID = job.text
            return message
        } catch {
            throw AMQPError(.protocolError, "a document cannot be written as JSON")
        }
    }
}
