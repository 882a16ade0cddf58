import AMQP
import Contracts

/// Moves all messages of a queue to another one, in their order and under their routing keys.
///
/// A message is acknowledged after the broker confirmed its copy. A kill in between leaves the copy at the end of the
/// target, and returns the message to the source as redelivered. The next move recognises such a message and drops it.
struct MessageMove {
    let connection: AMQPConnection
    let source: String
    let target: String
    /// The broker's user of the connection.
    let user: String
    /// The messages in flight at once, and the most that a kill repeats.
    let batch: Int

    /// Moves messages until the source is empty.
    /// - Parameter copies: messages that are elsewhere already and are dropped from the source.
    /// - Returns: the number of messages that left the source.
    @discardableResult
    func run(droppingCopiesIn copies: MessageSet = MessageSet()) async throws -> Int {
        var copies = copies
        var repeated: MessageSet?
        var exchanges: Set<String> = []
        return try await connection.inspect(source) { inspection in
            var count = 0
            while true {
                let deliveries = try await next(inspection)
                guard !deliveries.isEmpty else { return count }
                if repeated == nil, deliveries.contains(where: \.redelivered) {
                    repeated = try await MessageSet(target, connection)
                }
                var moving: [Delivery] = []
                for delivery in deliveries where !copies.remove(delivery) {
                    if delivery.redelivered, repeated?.remove(delivery) == true { continue }
                    moving.append(delivery)
                }
                try await declareExchanges(of: moving, &exchanges)
                try await publish(moving)
                CrashPoint.pass(.upgradeConfirmed)
                for delivery in deliveries { delivery.ack() }
                try await connection.flush()
                count += deliveries.count
            }
        }
    }

    private func next(_ inspection: Inspection) async throws -> [Delivery] {
        var deliveries: [Delivery] = []
        while deliveries.count < batch, let delivery = try await inspection.next() { deliveries.append(delivery) }
        return deliveries
    }

    /// Declares the fanout exchanges to the target, one for each exchange that messages came through.
    private func declareExchanges(of deliveries: [Delivery], _ known: inout Set<String>) async throws {
        for exchange in Set(deliveries.compactMap(exchange)).subtracting(known) {
            try await connection.declare([.exchange(exchange, type: "fanout")])
            try await connection.bind(queue: target, exchange: exchange, routingKey: "")
            known.insert(exchange)
        }
    }

    /// Publishes in order and waits for all confirms. If the connection is lost, its deliveries are lost as well, so that
    /// nothing is sent again after a reconnection.
    private func publish(_ deliveries: [Delivery]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for delivery in deliveries {
                if let problem = delivery.problem { throw UpgradeFailure.unreadable(source, delivery, problem) }
                let message = delivery.message.moved(by: user)
                let exchange = exchange(delivery)
                // Begins at once, so that the messages are sent in this order.
                group.addImmediateTask {
                    try await connection.publish(
                        message, to: exchange ?? "", key: exchange == nil ? target : delivery.routingKey, for: delivery)
                }
            }
            try await group.waitForAll()
        }
    }

    /// The exchange to the target; `nil` for a message that came through the default exchange and returns through it.
    ///
    /// Further routing keys (`CC`) would send a copy to other queues there.
    private func exchange(_ delivery: Delivery) -> String? {
        let original = UpgradeName.originalExchange(delivery.exchange)
        guard original.isEmpty, delivery.message.properties.headers["CC"] == nil else {
            return UpgradeName.exchange(original, to: target)
        }
        return nil
    }
}
