public import AMQP
public import Contracts

/// Publishes HDM's messages: persistent, mandatory and confirmed. When a call returns, the broker has the message.
public struct JobPublisher: Sendable {
    /// Builds the messages.
    public let messages: MessageBuilder
    private let connection: AMQPConnection

    /// The process that publishes, for the property `app_id`.
    public var instance: String { messages.instance }

    public init(_ connection: AMQPConnection, instance: String) {
        self.connection = connection
        messages = MessageBuilder(instance: instance)
    }

    /// Publishes a job to a stage.
    /// - Parameter messageID: identifies the message if it may be published again; otherwise a new UUID.
    public func publish(
        _ job: JobDocument, to stage: Stage, _ envelope: JobEnvelope, messageID: String? = nil
    ) async throws(AMQPError) {
        try await publish(job, ExchangeName.jobs, RoutingKey.job(stage, priority: job.priority), envelope, messageID)
    }

    /// Publishes a job to a wait queue, from which it returns to a stage.
    /// - Parameter delay: the shortest time in the queue; rounded up to the next tier.
    public func publish(
        _ job: JobDocument, to stage: Stage, after delay: Duration, _ envelope: JobEnvelope
    ) async throws(AMQPError) {
        let key = RoutingKey.retry(.covering(delay), stage, priority: job.priority)
        try await publish(job, ExchangeName.retry, key, envelope, nil)
    }

    /// Publishes a job whose match a person has to decide on.
    public func publishForReview(_ job: JobDocument, _ envelope: JobEnvelope) async throws(AMQPError) {
        try await publish(job, ExchangeName.jobs, RoutingKey.review, envelope, nil)
    }

    /// Publishes the change of a job's state.
    public func publish(_ event: JobEvent) async throws(AMQPError) {
        try await connection.publish(try message(event), to: ExchangeName.events, key: event.routingKey)
    }

    /// Publishes an event that may be lost, without waiting for the confirm: a step, or the start of a stage.
    func post(_ event: JobEvent) {
        guard var message = try? message(event) else { return }
        message.properties.isPersistent = event.name != .started
        connection.publish(message, to: ExchangeName.events, key: event.routingKey) { _ in }
    }

    /// Builds the message of an event.
    func message(_ event: JobEvent) throws(AMQPError) -> Message {
        do {
            return messages.message(
                try event.encoded(), type: MessageType.event, correlationID: event.jobID.text)
        } catch {
            throw Self.notEncodable(error)
        }
    }

    /// Publishes a message without a time limit, until it is confirmed or a delivery is lost.
    func publish(
        _ message: Message, to exchange: String, key: String, for delivery: Delivery
    ) async throws(AMQPError) {
        try await connection.publish(message, to: exchange, key: key, for: delivery)
    }

    /// Publishes the progress of a stage without waiting. The message is transient and may be lost.
    func post(_ progress: ProgressEvent) {
        guard var message = try? message(progress, MessageType.progress, of: progress.jobID) else { return }
        message.properties.isPersistent = false
        connection.publish(message, to: ExchangeName.events, key: progress.routingKey) { _ in }
    }

    /// Publishes a dead letter to its queue.
    public func publish(_ deadLetter: DeadLetter) async throws(AMQPError) {
        try await connection.publish(
            deadLetter.marked, to: ExchangeName.deadLetters, key: deadLetter.routingKey)
    }

    /// Publishes a message as it is.
    public func publish(_ message: Message, to exchange: String, key: String) async throws(AMQPError) {
        try await connection.publish(message, to: exchange, key: key)
    }

    private func publish(
        _ job: JobDocument, _ exchange: String, _ key: String, _ envelope: JobEnvelope, _ messageID: String?
    ) async throws(AMQPError) {
        let message: Message
        do {
            message = try messages.job(job, envelope, messageID: messageID)
        } catch {
            throw Self.notEncodable(error)
        }
        try await connection.publish(message, to: exchange, key: key)
    }

    private func message(_ document: some Encodable, _ type: String, of job: JobID) throws(AMQPError) -> Message {
        do {
            return messages.message(try ContractCoding.encode(document), type: type, correlationID: job.text)
        } catch {
            throw Self.notEncodable(error)
        }
    }

    private static func notEncodable(_ error: any Error) -> AMQPError {
        AMQPError(.protocolError, "a document cannot be encoded as JSON: \(error)")
    }
}
