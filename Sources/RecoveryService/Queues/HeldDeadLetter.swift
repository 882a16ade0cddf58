import AMQP

/// A dead letter that this process holds for a moment.
struct HeldDeadLetter: Sendable {
    let key: DeadLetterKey
    let delivery: Delivery
    /// The same message again: a publish that was repeated after a lost connection.
    var copies: [Delivery] = []

    /// Removes the message and its copies from the queue.
    func acknowledge() {
        delivery.ack()
        for copy in copies { copy.ack() }
    }
}
