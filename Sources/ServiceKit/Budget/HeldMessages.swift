import AMQP
import Contracts

/// The messages that this process holds from a queue with messages of one type. Messages that are not acknowledged return
/// to the queue when the inspection ends.
struct HeldMessages: Sendable {
    private let type: String
    private(set) var messages: [Delivery] = []
    /// Messages of another type, which do not belong into the queue.
    private(set) var others: [Delivery] = []

    init(of type: String) { self.type = type }

    /// Adds all messages that are ready.
    mutating func readAll(_ queue: Inspection) async throws(AMQPError) {
        while let delivery = try await queue.next() {
            if delivery.message.properties.type == type {
                messages.append(delivery)
            } else {
                others.append(delivery)
            }
        }
    }

    var messageIDs: [String?] { (messages + others).map(\.message.properties.messageID) }

    /// Keeps the message with the smallest rank. All others are removed from the queue.
    mutating func keepFirst<Rank: Comparable>(by rank: (Delivery) -> Rank) {
        let inOrder = messages.map { (rank($0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
        for extra in inOrder.dropFirst() + others { extra.ack() }
        messages = Array(inOrder.prefix(1))
        others = []
    }

    func acknowledgeAll() { for delivery in messages + others { delivery.ack() } }
}
