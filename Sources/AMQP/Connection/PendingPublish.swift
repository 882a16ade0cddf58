/// A message that is published and not confirmed yet. It is kept across reconnections until it is over.
struct PendingPublish: Sendable {
    let message: Message
    let exchange: String
    let routingKey: String
    /// When the publish fails as unconfirmed; `nil` for never.
    let deadline: ContinuousClock.Instant?
    /// The delivery that the publish belongs to. The publish is withdrawn when the delivery ends.
    var lease: DeliveryLease?
    /// Whether the topology was healed for this publish. It is sent only once more.
    var wasHealed = false
    /// Called once with the result, on the thread that completes the publish.
    let completion: @Sendable (Result<Void, AMQPError>) -> Void

    var identity: PublishIdentity {
        PublishIdentity(messageID: message.properties.messageID, exchange: exchange, routingKey: routingKey)
    }

    /// The approximate size in memory, in bytes.
    var size: Int { message.body.count + 1024 }

    func finish(_ result: Result<Void, AMQPError>) { completion(result) }

    /// Returns why the publish must not be tried any longer; `nil` if it must.
    func ending(at now: ContinuousClock.Instant) -> AMQPError? {
        if let deadline, deadline <= now { return .unconfirmed }
        if let lease, !lease.isHeld { return .withdrawn }
        return nil
    }
}

/// A publish that no queue accepted, with the error for its caller.
struct UnroutedPublish {
    let publish: PendingPublish
    let error: AMQPError
}

extension AMQPError {
    static let closed = AMQPError(.closed, "the connection to the broker is closed; open a new one")

    /// The confirm of a publish did not arrive in time.
    static let unconfirmed = AMQPError(
        .timedOut, "the broker did not confirm the message in time; it may or may not have the message")

    /// Too many publishes wait in this process.
    static let backlogFull = AMQPError(
        .timedOut,
        "too many messages wait for the broker in this process, so that this one was not sent; try again later")

    /// The delivery that a publish belonged to ended before the confirm arrived.
    static let withdrawn = AMQPError(
        .staleDelivery,
        "the delivery ended before the broker confirmed the message published for it; the broker may or may not have the message"
    )
}
