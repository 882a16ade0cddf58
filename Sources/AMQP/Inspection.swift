/// A look into one queue that takes messages one by one and returns, when it ends, all that were not ended.
///
/// Hold it for milliseconds: while it lasts, nobody else sees what it holds.
public struct Inspection: Sendable {
    let queue: String
    let connection: AMQPConnection
    let channel: OpenChannel

    /// The next message; `nil` when the queue has no more that is ready.
    /// - Throws: ``AMQPError``; `.staleDelivery` when the connection was lost meanwhile.
    public func next() async throws(AMQPError) -> Delivery? {
        try await connection.call { [queue, channel] core throws(AMQPError) in try core.get(queue, on: channel) }
    }
}
