import Foundation
public import Logging
import Synchronization

/// A connection to RabbitMQ that mends itself: it reconnects with growing, jittered pauses, declares again what it was
/// told to keep, starts its consumers again and sends unconfirmed publishes again.
///
/// Make one for each role: a broker under a memory alarm stops reading from connections that publish, and acks would
/// wait with them. Close it with ``close()``; one that is only forgotten keeps its thread.
public final class AMQPConnection: Sendable {
    private let configuration: ConnectionConfiguration
    private let mailbox = Mailbox()
    private let board = StatusBroadcaster()
    private let watch: StallWatch
    private let nextNumber = Atomic<Int>(0)

    /// Starts the connection's thread, which connects at once.
    public init(_ configuration: ConnectionConfiguration, logger: Logger) {
        self.configuration = configuration
        watch = StallWatch(limit: configuration.callTimeout + configuration.heartbeat * 2)
        watch.start()
        let thread = Thread { [configuration, mailbox, board, watch] in
            // On Linux a name reaches the kernel only from within, once the thread runs.
            Thread.current.name = configuration.name
            ConnectionCore(configuration, mailbox: mailbox, board: board, watch: watch, logger: logger).run()
        }
        thread.start()
    }

    /// What the connection is doing now.
    public var status: ConnectionStatus { board.status }

    /// The present status and every later one; ends when the connection is closed.
    public var statusChanges: AsyncStream<ConnectionStatus> { board.changes() }

    /// Waits until the connection is open.
    /// - Throws: the ``AMQPError`` of the last attempt when it is not open in time.
    public func waitUntilOpen(timeout: Duration) async throws(AMQPError) {
        do {
            try await call(timeout: timeout) { _ throws(AMQPError) in }
        } catch {
            if case .down(let reason) = status { throw reason }
            throw error
        }
    }

    /// Publishes a message, mandatory and confirmed: when it returns, the broker has it in a queue.
    ///
    /// Calls may overlap; many publishes are in flight at once. A connection that is lost meanwhile is waited for and
    /// the message is sent again, so that a receiver may see it twice. The calling task's cancellation is not heeded:
    /// what was begun gets its answer, at the latest after `timeout`.
    /// - Throws: ``AMQPError`` `.unroutable`, `.refused`, `.notFound`, `.timedOut` (then it may have arrived).
    public func publish(
        _ message: Message, to exchange: String, key: String, timeout: Duration = .seconds(30)
    )
        async throws(AMQPError)
    {
        let result = await withCheckedContinuation { continuation in
            post(message, to: exchange, key: key, timeout: timeout) { continuation.resume(returning: $0) }
        }
        try result.get()
    }

    /// Publishes like ``publish(_:to:key:timeout:)``, and does not wait for the end: for who has many messages on their way
    /// and no task for each. What is posted one after another goes out in this order.
    /// - Parameter completion: called once with the end, mostly on the connection's thread: it must neither block nor take
    ///   long.
    public func post(
        _ message: Message, to exchange: String, key: String, timeout: Duration = .seconds(30),
        completion: @escaping @Sendable (Result<Void, AMQPError>) -> Void
    ) {
        var message = message
        if message.properties.messageID == nil { message.properties.messageID = UUID().uuidString.lowercased() }
        mailbox.post(
            .publish(
                PendingPublish(
                    message: message, exchange: exchange, routingKey: key, deadline: .now + timeout,
                    completion: completion)))
    }

    /// Consumes a queue. At most `prefetch` deliveries are handed out before one of them is ended.
    /// - Throws: ``AMQPError``; `.notFound` when there is no such queue.
    public func subscribe(
        to queue: String, prefetch: Int, paused: Bool = false
    ) async throws(AMQPError)
        -> Subscription
    {
        let number = nextNumber.add(1, ordering: .relaxed).newValue
        let buffer = DeliveryBuffer()
        try await call { core throws(AMQPError) in
            try core.addConsumer(number, queue: queue, prefetch: prefetch, buffer: buffer, paused: paused)
        }
        return Subscription(queue: queue, connection: self, number: number, buffer: buffer)
    }

    /// Looks into a queue; messages that `body` does not end go back when it is over, in their old order.
    /// - Throws: what `body` throws, and ``AMQPError``.
    public func inspect<Value: Sendable>(
        _ queue: String, _ body: (Inspection) async throws -> Value
    ) async throws -> Value {
        let channel = try await call { core throws(AMQPError) in try core.openInspection() }
        do {
            let value = try await body(Inspection(queue: queue, connection: self, channel: channel))
            try await call { core throws(AMQPError) in try core.closeInspection(channel) }
            return value
        } catch {
            // Closing it gives everything back; when that fails too, the connection is gone and the broker has it.
            try? await call { core throws(AMQPError) in try core.closeInspection(channel) }
            throw error
        }
    }

    /// Waits until every ack and nack so far has been handed to the operating system, in order.
    /// - Throws: ``AMQPError`` when the connection is lost.
    public func flush() async throws(AMQPError) { try await call { _ throws(AMQPError) in } }

    /// Ends everything: publishes in flight are waited for, acks are flushed, the broker is told. Deliveries that are
    /// not ended go back to their queues.
    public func close() async {
        await withCheckedContinuation { mailbox.post(.close($0)) }
        watch.stop()
    }

    /// Runs a call on the connection's thread, as soon as there is a connection, or at once if it needs none.
    func call<Value: Sendable>(
        timeout: Duration? = nil, needsConnection: Bool = true,
        _ body: @escaping @Sendable (ConnectionCore) throws(AMQPError) -> Value
    ) async throws(AMQPError) -> Value {
        let deadline = ContinuousClock.now + (timeout ?? configuration.callTimeout)
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, AMQPError>, Never>) in
            let run: @Sendable (ConnectionCore) -> Void = { continuation.resume(returning: $0.perform(body)) }
            mailbox.post(
                .call(
                    PendingCall(needsConnection: needsConnection, deadline: deadline, run: run) {
                        continuation.resume(returning: .failure($0))
                    }))
        }
        return try result.get()
    }
}
