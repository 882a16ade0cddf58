/// The deliveries of one queue as an asynchronous sequence, which continues after a reconnection.
///
/// Read it from one task. The broker sends at most `prefetch` deliveries that are not settled: the next one arrives
/// when one is settled.
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

    /// Stops deliveries until ``resume()``, also after a reconnection. Deliveries that were not read are requeued;
    /// those that were read can still be settled.
    /// - Throws: ``AMQPError``. The pause takes effect after the reconnection in this case.
    public func pause() async throws(AMQPError) {
        try await connection.call(needsConnection: false) { [number] driver throws(AMQPError) in
            try driver.pauseConsumer(number)
        }
    }

    /// Starts deliveries again, without a connection as soon as there is one.
    /// - Throws: ``AMQPError``, such as `.notFound`. The connection still tries again until the queue exists.
    public func resume() async throws(AMQPError) {
        try await connection.call(needsConnection: false) { [number] driver throws(AMQPError) in
            try driver.resumeConsumer(number)
        }
    }

    /// Ends the subscription and its sequence. Deliveries that were not read are requeued; those that were read can
    /// still be settled.
    public func cancel() async {
        buffer.finish()
        // If the connection is lost during the call, the broker has removed the consumer.
        try? await connection.call(needsConnection: false) { [number] driver throws(AMQPError) in
            try driver.cancelConsumer(number)
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(buffer: buffer) }

    public struct Iterator: AsyncIteratorProtocol {
        let buffer: DeliveryBuffer

        public func next() async -> Delivery? { await buffer.next() }
    }
}
