import Dispatch

/// One hand-out of a message by the broker.
///
/// ``ack()``, ``nack(requeue:)`` or ``reject()`` settles it; later calls have no effect. If its channel or connection is
/// lost before, the broker delivers the message again, and a late settlement is dropped. ``isHeld`` and ``onLoss(_:)``
/// report the loss, so that a handler can stop.
///
/// It is a reference type, so that a task that waits for its settlement holds no copy of the message.
public final class Delivery: Sendable {
    public let message: Message
    /// Why the content of the message was not copied completely; `nil` if ``message`` is complete.
    public let problem: DeliveryProblem?
    /// The exchange of the publish; empty for the default exchange.
    public let exchange: String
    public let routingKey: String
    /// Whether the broker delivered the message before without a settlement.
    public let redelivered: Bool
    /// The number of messages left in the queue; `nil` except for deliveries from ``Inspection/next()``.
    public let remaining: Int?

    /// When this process received it.
    public let receivedAt = ContinuousClock.now

    let receipt: DeliveryReceipt
    let mailbox: Mailbox
    let lease: DeliveryLease

    init(
        message: Message, problem: DeliveryProblem? = nil, exchange: String, routingKey: String, redelivered: Bool,
        remaining: Int?,
        receipt: DeliveryReceipt, mailbox: Mailbox, lease: DeliveryLease = DeliveryLease()
    ) {
        self.message = message
        self.problem = problem
        self.exchange = exchange
        self.routingKey = routingKey
        self.redelivered = redelivered
        self.remaining = remaining
        self.receipt = receipt
        self.mailbox = mailbox
        self.lease = lease
    }

    /// Whether the broker still counts on this process for the message: the delivery is not settled, and its channel is
    /// open. Pausing or cancelling the subscription does not change it.
    public var isHeld: Bool { lease.isHeld }

    /// Why the delivery was lost; `nil` while it is held, and after its settlement.
    public var loss: AMQPError? { if case .lost(let reason) = lease.ending { reason } else { nil } }

    /// Whether the broker cancelled the consumer. If its queue was deleted, the message is gone with it and is not
    /// delivered again: only this process still has it. Such deliveries are also read from a subscription.
    public var mayBeGone: Bool { loss?.code == .notFound }

    /// Calls `body` once if the channel or the connection is lost before the delivery is settled. If it is lost already,
    /// calls `body` now.
    ///
    /// A channel is lost if the broker closes it (such as for its `consumer_timeout`), if the broker cancels the
    /// consumer (such as for a deleted queue), or if the connection is lost or closed. A delivery of an ``Inspection``
    /// is also lost at the end of the inspection.
    /// - Parameter body: Receives the reason. It runs on a thread of its own, never on the caller's or the connection's,
    ///   and is released after the settlement.
    public func onLoss(_ body: @escaping @Sendable (AMQPError) -> Void) {
        lease.observe { ending in
            guard case .lost(let reason) = ending else { return }
            DispatchQueue.global().async { body(reason) }
        }
    }

    /// Settles the delivery as done. The broker removes the message.
    public func ack() { settle(.ack) }

    /// Settles the delivery as not done.
    /// - Parameter requeue: Whether the message returns to its queue, instead of the dead-letter exchange of the queue.
    public func nack(requeue: Bool) { settle(.nack(requeue: requeue)) }

    /// Settles the delivery as not processable. The message goes to the dead-letter exchange of its queue.
    public func reject() { settle(.reject) }

    private func settle(_ settlement: Settlement) {
        guard lease.end(.settled) else { return }
        mailbox.post(.settle(receipt, settlement))
    }
}
