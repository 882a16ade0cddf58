// Publishes messages.
extension AMQPConnection {
    /// Publishes a message, mandatory and confirmed. When it returns, the message is in at least one queue.
    ///
    /// Calls can overlap, and many publishes can be in flight. If the connection is lost, the message is sent again
    /// after the reconnection, so that a receiver can get it twice. The cancellation of the calling task has no effect:
    /// the call returns after the confirm or the timeout.
    /// - Throws: ``AMQPError`` `.unroutable`, `.refused`, `.notFound`, `.invalidMessage`, or `.timedOut`; after
    ///   `.timedOut` the broker may have the message. `.timedOut` is thrown immediately if too many messages wait; see
    ///   ``ConnectionConfiguration/backlogLimit``.
    public func publish(
        _ message: Message, to exchange: String, key: String, timeout: Duration = .seconds(30)
    ) async throws(AMQPError) {
        let result = await withCheckedContinuation { continuation in
            publish(message, to: exchange, key: key, timeout: timeout) { continuation.resume(returning: $0) }
        }
        try result.get()
    }

    /// Publishes a message for a delivery, mandatory and confirmed, without a time limit.
    ///
    /// The publish survives reconnections of this connection and waits during alarms of the broker, until the broker
    /// confirms or refuses the message, or until the delivery ends. A finished result is not lost because the broker is
    /// slow. The cancellation of the calling task has no effect.
    /// - Parameter delivery: Also of another connection.
    /// - Throws: ``AMQPError`` `.staleDelivery` if the delivery is lost or settled; after it the broker may have the
    ///   message. Otherwise `.unroutable`, `.refused`, `.notFound`, `.invalidMessage`, or `.closed`.
    public func publish(
        _ message: Message, to exchange: String, key: String, for delivery: Delivery
    ) async throws(AMQPError) {
        let message = message.withID
        let result = await withCheckedContinuation { continuation in
            let result = PublishResult(continuation, for: delivery.lease)
            guard result.begin() else { return }
            mailbox.post(
                .publish(
                    PendingPublish(
                        message: message, exchange: exchange, routingKey: key, deadline: nil, lease: delivery.lease,
                        completion: result.complete)))
        }
        try result.get()
    }

    /// Publishes a message like ``publish(_:to:key:timeout:)`` without waiting for the result. Messages of successive
    /// calls are sent in their order.
    /// - Parameter completion: Called once with the result, usually on the connection's thread. It must not block.
    public func publish(
        _ message: Message, to exchange: String, key: String, timeout: Duration = .seconds(30),
        completion: @escaping @Sendable (Result<Void, AMQPError>) -> Void
    ) {
        let publish = PendingPublish(
            message: message.withID, exchange: exchange, routingKey: key, deadline: .now + timeout,
            completion: completion)
        mailbox.post(.publish(publish))
    }
}
