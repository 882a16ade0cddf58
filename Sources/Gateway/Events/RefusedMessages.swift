import AMQP
import Contracts
import ServiceKit

/// Publishes messages of one queue that the gateway cannot process to `hdm.dlq.invalid`.
struct RefusedMessages: Sendable {
    let runtime: ServiceRuntime
    /// The last word of the routing key.
    let place: String

    /// Publishes a dead letter with the reason.
    ///
    /// The content of a body that is too large was not read. Its dead letter has no body, but what is known: properties,
    /// headers, size and routing key. The broker dead-letters the message itself where the queue has a dead-letter
    /// exchange, and drops it elsewhere.
    func park(_ delivery: Delivery, _ error: JobError) async throws(AMQPError) {
        var error = error
        if case .bodyTooLarge(let size)? = delivery.problem {
            error = JobError(
                .invalidPayload,
                "the body has \(size) bytes, more than the gateway reads; its routing key was "
                    + "'\(delivery.routingKey.prefix(utf8: 256))'")
        }
        try await runtime.publisher.publish(
            DeadLetter(
                delivery.message, kind: .invalid, place: place, error: error, envelope: JobEnvelope(delivery),
                worker: runtime.instance))
        if case .bodyTooLarge? = delivery.problem { delivery.reject() }
    }
}
