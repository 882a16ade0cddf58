import Synchronization

/// How many deliveries of a queue a process has: those that it works on, and all that it has not settled.
public struct DeliveryCounts: Sendable, Hashable {
    /// Deliveries whose handler runs.
    public var running: Int
    /// Deliveries that are not settled, the running ones included.
    public var held: Int

    public init(running: Int = 0, held: Int = 0) {
        self.running = running
        self.held = held
    }

    static func + (left: DeliveryCounts, right: DeliveryCounts) -> DeliveryCounts {
        DeliveryCounts(running: left.running + right.running, held: left.held + right.held)
    }
}

/// The consumers of a service, with their counts of deliveries by queue, for its heartbeats.
///
/// A consumer registers itself with a closure that returns its counts, or counts with a ``DeliveryCounter``.
public final class StatusRegistry: Sendable {
    private let readers = Mutex<[String: [@Sendable () -> DeliveryCounts]]>([:])

    public init() {}

    /// Registers a consumer of a queue for the life of the process. Several consumers of one queue are added.
    /// - Parameter read: must return at once.
    public func register(_ queue: String, _ read: @escaping @Sendable () -> DeliveryCounts) {
        readers.withLock { $0[queue, default: []].append(read) }
    }

    /// Registers a consumer of a queue, which counts its deliveries with the result.
    public func counter(of queue: String) -> DeliveryCounter {
        let counter = DeliveryCounter()
        register(queue) { counter.counts }
        return counter
    }

    /// The present counts of all queues that the service consumes.
    public var counts: [String: DeliveryCounts] {
        readers.withLock(\.self).mapValues { $0.reduce(DeliveryCounts()) { $0 + $1() } }
    }
}

/// Counts the deliveries of one consumer.
public final class DeliveryCounter: Sendable {
    private let state = Mutex(DeliveryCounts())

    public init() {}

    public var counts: DeliveryCounts { state.withLock(\.self) }

    /// Counts a delivery that was received. The caller must call ``settled()``.
    public func received() { state.withLock { $0.held += 1 } }

    /// Counts a delivery that was settled, or that the connection has lost.
    public func settled() { state.withLock { $0.held -= 1 } }

    /// Counts a handler that runs until `body` returns.
    public func run<Value, Failure: Error>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        state.withLock { $0.running += 1 }
        defer { state.withLock { $0.running -= 1 } }
        return try await body()
    }
}
