/// A message that is published and not confirmed yet. It is kept across reconnections until its deadline.
struct PendingPublish: Sendable {
    let message: Message
    let exchange: String
    let routingKey: String
    let deadline: ContinuousClock.Instant
    /// Called once with the result, on the thread that completes the publish.
    let completion: @Sendable (Result<Void, AMQPError>) -> Void

    var identity: PublishIdentity {
        PublishIdentity(messageID: message.properties.messageID, exchange: exchange, routingKey: routingKey)
    }

    func finish(_ result: Result<Void, AMQPError>) { completion(result) }
}

extension AMQPError {
    static let closed = AMQPError(.closed, "the connection to the broker is closed; open a new one")

    /// The confirm of a publish did not arrive in time.
    static let unconfirmed = AMQPError(
        .timedOut, "the broker did not confirm the message in time; it may or may not have the message")
}
