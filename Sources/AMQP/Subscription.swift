/// The deliveries of one queue as an asynchronous sequence, across lost connections.
///
/// Read it from one task. The broker hands out at most `prefetch` deliveries that are not ended yet: the next one comes
/// when one ends.
public final class Subscription: AsyncSequence, Sendable {
    public typealias Element = Delivery

    public let queue: String
    let connection: AMQPConnection
    let number: Int
    let buffer: DeliveryBuffer

    init(queue: String, connection: AMQPConnection, number: Int, buffer: DeliveryBuffer) {
        self.queue = queue
        self.connection = connection
        self.number = number
        self.buffer = buffer
    }

    /// Stops the flow: the broker sends no more, and what was sent but not read goes back to the queue. Deliveries that
    /// were read stay valid. Survives reconnection until ``resume()``.
    /// - Throws: ``AMQPError``; the pause holds all the same once the connection is back.
    public func pause() async throws(AMQPError) {
        try await connection.call(needsConnection: false) { [number] core throws(AMQPError) in
            try core.pauseConsumer(number)
        }
    }

    /// Lets deliveries flow again; without a connection, as soon as there is one.
    /// - Throws: ``AMQPError``, such as `.notFound`; it is tried again all the same until the queue is there.
    public func resume() async throws(AMQPError) {
        try await connection.call(needsConnection: false) { [number] core throws(AMQPError) in
            try core.resumeConsumer(number)
        }
    }

    /// Ends the subscription: like ``pause()``, and the sequence ends. Deliveries that were read can still be ended.
    public func cancel() async {
        buffer.finish()
        // When the connection is lost over it, the broker has the consumer forgotten already.
        try? await connection.call(needsConnection: false) { [number] core throws(AMQPError) in
            try core.cancelConsumer(number)
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(buffer: buffer) }

    public struct Iterator: AsyncIteratorProtocol {
        let buffer: DeliveryBuffer

        public func next() async -> Delivery? { await buffer.next() }
    }
}
