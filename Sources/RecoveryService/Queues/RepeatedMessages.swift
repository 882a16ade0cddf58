import AMQP
import Crypto
import Foundation

/// Finds the copies of messages of one queue: a crash between the confirm and the ack of a dead letter, and a publish
/// that was repeated after a lost connection, leave a second one.
///
/// Only messages of the same queue are compared, as all of them are held. A message that was seen in another queue could
/// have been moved since, so that there would be only one.
struct RepeatedMessages {
    private struct Identity: Hashable {
        var id: String
        var generation: Int
        var body: SHA256Digest
    }

    private var known: Set<Identity> = []
    /// How many copies were found.
    private(set) var count = 0

    /// Separates the first message of each identity from its copies.
    mutating func divide(_ batch: [Delivery]) -> (first: [Delivery], copies: [Delivery]) {
        var (first, copies): ([Delivery], [Delivery]) = ([], [])
        for delivery in batch {
            if isCopy(delivery) { copies.append(delivery) } else { first.append(delivery) }
        }
        count += copies.count
        return (first, copies)
    }

    private mutating func isCopy(_ delivery: Delivery) -> Bool {
        // A body that was too large to be received cannot be compared.
        guard delivery.problem == nil else { return false }
        let message = delivery.message
        let identity = Identity(
            id: DeadLetterRecord.id(of: message), generation: DeadLetterRecord.generation(of: message),
            body: SHA256.hash(data: message.body))
        return !known.insert(identity).inserted
    }
}
