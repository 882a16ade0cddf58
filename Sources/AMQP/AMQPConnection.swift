import Foundation
public import Logging
import Synchronization

/// A connection to RabbitMQ that recovers automatically.
///
/// It reconnects with growing, jittered pauses. Afterwards it repeats its declarations, starts its consumers and sends
/// unconfirmed publishes again.
///
/// Use separate connections for publishing and consuming. During a memory alarm the broker stops reading from
/// connections that publish, which would delay acks. Call ``close()`` at the end, because an open connection keeps its
/// thread.
public final class AMQPConnection: Sendable {
    private let configuration: ConnectionConfiguration
    let mailbox = Mailbox()
    private let statusBroadcaster = StatusBroadcaster()
    let healedBroadcaster = HealedBroadcaster()
    private let stallWatch: StallWatch
    private let nextNumber = Atomic<Int>(0)

    /// Starts the connection's thread, which connects immediately.
    public init(_ configuration: ConnectionConfiguration, logger: Logger) {
        self.configuration = configuration
        stallWatch = StallWatch(limit: configuration.callTimeout + configuration.heartbeat * 2)
        stallWatch.start()
        let thread = Thread { [configuration, mailbox, statusBroadcaster, healedBroadcaster, stallWatch] in
            ConnectionThread.name(configuration.name)
            ConnectionDriver(
                configuration, mailbox: mailbox, statusBroadcaster: statusBroadcaster,
                healedBroadcaster: healedBroadcaster, stallWatch: stallWatch, logger: logger
            ).run()
        }
        thread.stackSize = ConnectionThread.stackSize
        thread.start()
    }

    /// The current status.
    public var status: ConnectionStatus { statusBroadcaster.status }

    /// The current status and every later one. The sequence ends when the connection is closed.
    public var statusChanges: AsyncStream<ConnectionStatus> { statusBroadcaster.changes() }

    /// Waits until the connection is open.
    /// - Throws: The ``AMQPError`` of the last attempt if the connection is not open in time.
    public func waitUntilOpen(timeout: Duration) async throws(AMQPError) {
        do {
            try await call(timeout: timeout) { _ throws(AMQPError) in }
        } catch {
            if case .down(let reason) = status { throw reason }
            throw error
        }
    }

    /// Consumes a queue.
    /// - Parameters:
    ///   - prefetch: The highest number of deliveries that are not settled.
    ///   - paused: Whether deliveries start only after ``Subscription/resume()``.
    /// - Throws: ``AMQPError``; `.notFound` if the queue does not exist.
    public func subscribe(
        to queue: String, prefetch: Int, paused: Bool = false
    ) async throws(AMQPError) -> Subscription {
        let number = nextNumber.add(1, ordering: .relaxed).newValue
        let buffer = DeliveryBuffer()
        try await call { driver throws(AMQPError) in
            try driver.addConsumer(number, queue: queue, prefetch: prefetch, buffer: buffer, paused: paused)
        }
        return Subscription(queue: queue, connection: self, number: number, buffer: buffer)
    }

    /// Fetches messages of a queue one by one. Messages that `body` does not settle are requeued afterwards, at their
    /// old position.
    /// - Throws: The error of `body`, or ``AMQPError``.
    public func inspect<Value: Sendable>(
        _ queue: String, _ body: (Inspection) async throws -> Value
    ) async throws -> Value {
        let channel = try await call { driver throws(AMQPError) in try driver.openInspection() }
        do {
            let value = try await body(Inspection(queue: queue, connection: self, channel: channel))
            try await call { driver throws(AMQPError) in try driver.closeInspection(channel) }
            return value
        } catch {
            // The close requeues everything. If it fails too, the connection is lost, which has the same effect.
            try? await call { driver throws(AMQPError) in try driver.closeInspection(channel) }
            throw error
        }
    }

    /// Waits until every settlement so far has been written to the socket.
    /// - Throws: ``AMQPError`` if the connection is lost.
    public func flush() async throws(AMQPError) { try await call { _ throws(AMQPError) in } }

    /// Closes the connection. Waits for the confirms of earlier publishes, at most for the call timeout, and sends
    /// earlier settlements. The broker requeues deliveries that are not settled.
    public func close() async {
        await withCheckedContinuation { mailbox.post(.close($0)) }
        stallWatch.stop()
    }

    /// Runs a call on the connection's thread as soon as there is a connection, or immediately if it needs none.
    func call<Value: Sendable>(
        timeout: Duration? = nil, needsConnection: Bool = true,
        _ body: @escaping @Sendable (ConnectionDriver) throws(AMQPError) -> Value
    ) async throws(AMQPError) -> Value {
        let deadline = ContinuousClock.now + (timeout ?? configuration.callTimeout)
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, AMQPError>, Never>) in
            let run: @Sendable (ConnectionDriver) -> Void = { continuation.resume(returning: $0.perform(body)) }
            mailbox.post(
                .call(
                    PendingCall(needsConnection: needsConnection, deadline: deadline, run: run) {
                        continuation.resume(returning: .failure($0))
                    }))
        }
        return try result.get()
    }
}
