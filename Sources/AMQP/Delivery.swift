/// A message that the broker handed over and waits to hear about.
///
/// Exactly one of ``ack()``, ``nack(requeue:)`` or ``reject()`` ends it. When its connection dies first, the broker
/// delivers it again and the late word is dropped.
///
/// A reference: whoever waits for the work on it to end holds no copy of the message.
public final class Delivery: Sendable {
    public let message: Message
    /// The exchange it came through; empty for the default exchange.
    public let exchange: String
    public let routingKey: String
    /// The broker handed it out before and heard nothing.
    public let redelivered: Bool
    /// Messages left in the queue; only known for deliveries fetched by ``Inspection/next()``.
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

    /// The work is done; the broker forgets the message.
    public func ack() { mailbox.post(.settle(receipt, .ack)) }

    /// The work is not done: back to the queue, or to its dead-letter exchange.
    public func nack(requeue: Bool) { mailbox.post(.settle(receipt, .nack(requeue: requeue))) }

    /// The message cannot be worked on: to the queue's dead-letter exchange.
    public func reject() { mailbox.post(.settle(receipt, .reject)) }
}

/// Names a delivery: tags are counted per channel and die with it (AMQP 0-9-1, section 1.2, delivery-tag).
struct DeliveryReceipt: Sendable, Equatable {
    let channel: UInt16
    /// Grows with every channel that is opened, so that a tag never reaches a later channel of the same number.
    let generation: UInt64
    let tag: UInt64
}

enum Settlement: Sendable {
    case ack
    case nack(requeue: Bool)
    case reject
}
