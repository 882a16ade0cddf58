/// Fetches messages of one queue one by one. When it ends, the broker requeues those that were not settled.
///
/// Keep inspections short (milliseconds), because no consumer receives the messages that an inspection holds.
public struct Inspection: Sendable {
    let queue: String
    let connection: AMQPConnection
    let channel: OpenChannel

    /// Fetches the next message; `nil` if no more messages are ready.
    /// - Throws: ``AMQPError``; `.staleDelivery` if the connection was lost since the inspection began.
    public func next() async throws(AMQPError) -> Delivery? {
        try await connection.call { [queue, channel] driver throws(AMQPError) in try driver.get(queue, on: channel) }
    }

    /// Returns messages to the queue in their order.
    ///
    /// A quorum queue loses the order of more than 32 messages that it takes back at once, also at the end of a channel.
    /// So they return in small groups, each after the queue has counted the one before. Where other clients take the
    /// messages meanwhile, a group waits for a second at most.
    /// - Throws: ``AMQPError`` if the connection is lost.
    public func putBack(_ deliveries: [Delivery]) async throws(AMQPError) {
        var expected = try await connection.status(of: queue).ready
        for start in stride(from: 0, to: deliveries.count, by: Self.group) {
            let group = deliveries[start..<min(start + Self.group, deliveries.count)]
            for delivery in group { delivery.nack(requeue: true) }
            expected += group.count
            try await waitUntilReady(expected)
        }
    }

    /// How many messages return at once.
    private static let group = 16

    private func waitUntilReady(_ count: Int) async throws(AMQPError) {
        let deadline = ContinuousClock.now + .seconds(1)
        while try await connection.status(of: queue).ready < count, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(1))
        }
    }
}
