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
    public func putBack(_ deliveries: [Delivery]) async throws(AMQPError) {
        try await putBack(deliveries.map(HeldReceipt.init))
    }

    /// Returns messages to the queue in their order. Those that were settled are left out.
    ///
    /// A quorum queue loses the order of more than 32 messages that it takes back at once, also at the end of a channel.
    /// So they return in small groups, each after the queue has counted the one before. Where messages leave the queue
    /// meanwhile, because other clients take them or because they expire, a group waits for a second at most.
    /// - Throws: ``AMQPError`` if the connection is lost.
    public func putBack(_ receipts: [HeldReceipt]) async throws(AMQPError) {
        let held = receipts.filter(\.isHeld)
        guard !held.isEmpty else { return }
        var ready = try await connection.status(of: queue).ready
        for start in stride(from: 0, to: held.count, by: Self.group) {
            let group = held[start..<min(start + Self.group, held.count)]
            for receipt in group { receipt.requeue() }
            ready = try await waitUntilReady(ready + group.count)
        }
    }

    /// How many messages return at once.
    private static let group = 16

    /// - Returns: the number of ready messages; less than `count` when messages leave the queue meanwhile.
    private func waitUntilReady(_ count: Int) async throws(AMQPError) -> Int {
        let deadline = ContinuousClock.now + .seconds(1)
        while true {
            let ready = try await connection.status(of: queue).ready
            guard ready < count, ContinuousClock.now < deadline else { return ready }
            try? await Task.sleep(for: .milliseconds(1))
        }
    }
}
