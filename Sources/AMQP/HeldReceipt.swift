/// A delivery without its message. A reader of a deep queue keeps it to return the message, and not the message itself.
public struct HeldReceipt: Sendable {
    private let receipt: DeliveryReceipt
    private let mailbox: Mailbox
    private let lease: DeliveryLease

    public init(_ delivery: Delivery) {
        receipt = delivery.receipt
        mailbox = delivery.mailbox
        lease = delivery.lease
    }

    /// Whether the delivery is not settled, and its channel is open.
    var isHeld: Bool { lease.isHeld }

    /// Returns the message to its queue. Has no effect after another settlement.
    func requeue() {
        guard lease.end(.settled) else { return }
        mailbox.post(.settle(receipt, .nack(requeue: true)))
    }
}
