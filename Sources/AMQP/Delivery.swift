/// One hand-out of a message by the broker.
///
/// ``ack()``, ``nack(requeue:)`` or ``reject()`` settles it; later calls have no effect. If the connection is lost
/// before, the broker delivers the message again, and a late settlement is dropped.
///
/// It is a reference type, so that a task that waits for its settlement holds no copy of the message.
public final class Delivery: Sendable {
    public let message: Message
    /// The exchange of the publish; empty for the default exchange.
    public let exchange: String
    public let routingKey: String
    /// Whether the broker delivered the message before without a settlement.
    public let redelivered: Bool
    /// The number of messages left in the queue; `nil` except for deliveries from ``Inspection/next()``.
    public let remaining: Int?

    let receipt: DeliveryReceipt
    let mailbox: Mailbox

    init(
        message: Message, exchange: String, routingKey: String, redelivered: Bool, remaining: Int?,
        receipt: DeliveryReceipt, mailbox: Mailbox
    ) {
        self.message = message
        self.exchange = exchange
        self.routingKey = routingKey
        self.redelivered = redelivered
        self.remaining = remaining
        self.receipt = receipt
        self.mailbox = mailbox
    }

    /// Settles the delivery as done. The broker removes the message.
    public func ack() { mailbox.post(.settle(receipt, .ack)) }

    /// Settles the delivery as not done.
    /// - Parameter requeue: Whether the message returns to its queue, instead of the dead-letter exchange of the queue.
    public func nack(requeue: Bool) { mailbox.post(.settle(receipt, .nack(requeue: requeue))) }

    /// Settles the delivery as not processable. The message goes to the dead-letter exchange of its queue.
    public func reject() { mailbox.post(.settle(receipt, .reject)) }
}
