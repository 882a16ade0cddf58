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
}
