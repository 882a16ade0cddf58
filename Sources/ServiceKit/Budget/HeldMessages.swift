import AMQP
import Contracts

/// What one look took out of a queue that holds messages of one type. What is not acknowledged lies there again when
/// the look ends.
struct HeldMessages: Sendable {
    private let type: String
    private(set) var messages: [Delivery] = []
    private(set) var strangers: [Delivery] = []

    init(of type: String) { self.type = type }

    /// Takes all that is ready.
    mutating func take(_ look: Inspection) async throws(AMQPError) {
        while let delivery = try await look.next() {
            if delivery.message.properties.type == type {
                messages.append(delivery)
            } else {
                strangers.append(delivery)
            }
        }
    }

    var messageIDs: [String?] { (messages + strangers).map(\.message.properties.messageID) }

    /// Keeps the least of the messages and drops the others, and what does not belong here.
    mutating func keep<Rank: Comparable>(leastBy rank: (Delivery) -> Rank) {
        let inOrder = messages.map { (rank($0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
        for extra in inOrder.dropFirst() + strangers { extra.ack() }
        messages = Array(inOrder.prefix(1))
        strangers = []
    }

    func dropAll() { for delivery in messages + strangers { delivery.ack() } }
}
