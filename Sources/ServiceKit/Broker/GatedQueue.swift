public import AMQP
import Contracts
import Logging
import ServiceLifecycle

/// Consumes a queue while the service is ready, until the service shuts down.
public struct GatedQueue: Sendable {
    let runtime: ServiceRuntime
    let name: String
    let prefetch: Int

    /// - Parameter prefetch: how many deliveries may be unsettled at once.
    public init(runtime: ServiceRuntime, name: String, prefetch: Int) {
        self.runtime = runtime
        self.name = name
        self.prefetch = prefetch
    }

    /// Passes the subscription to `consume`. Its deliveries end with the shutdown.
    ///
    /// Returns when `consume` has returned and the last acks are flushed.
    public func run(_ consume: @escaping @Sendable (Subscription) async -> Void) async throws {
        guard let subscription = try await subscribe() else { return }
        await withGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask { await consume(subscription) }
                group.addTask { await runtime.gate(subscription) }
                // The gate ends with the consumer.
                await group.next()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            Task { await subscription.cancel() }
        }
        await flush()
    }

    /// Handles deliveries concurrently. A delivery is acked when `handle` returns. While it throws, the delivery is held
    /// and handled again.
    public func runEach(_ handle: @escaping @Sendable (Delivery) async throws -> Void) async throws {
        let (retry, counter) = (addRetry(), runtime.status.counter(of: name))
        try await run { subscription in
            await withDiscardingTaskGroup { group in
                for await delivery in subscription {
                    counter.received()
                    group.addTask {
                        await counter.run {
                            await retry.settle([delivery]) { for delivery in $0 { try await handle(delivery) } }
                        }
                        counter.settled()
                    }
                }
            }
        }
    }

    /// Handles deliveries in batches, one after another. A batch is acked when `handle` returns. While it throws, the batch
    /// is held and handled again.
    public func runBatches(
        upTo limit: Int, _ handle: @escaping @Sendable ([Delivery]) async throws -> Void
    ) async throws {
        let (retry, counter) = (addRetry(), runtime.status.counter(of: name))
        try await run { subscription in
            let buffer = BatchBuffer<Delivery>()
            await withTaskGroup { group in
                group.addTask {
                    for await delivery in subscription {
                        counter.received()
                        buffer.append(delivery)
                    }
                    buffer.finish()
                }
                while let held = await buffer.next(limit: limit) {
                    await counter.run { await retry.settle(held, handle) }
                    for _ in held { counter.settled() }
                }
            }
        }
    }

    private func addRetry() -> DeliveryRetry {
        let retry = DeliveryRetry(queue: name, holdLimit: runtime.settings.holdLimit, logger: runtime.logger)
        runtime.readiness.add(name) { retry.check() }
        return retry
    }

    /// Waits for the broker without a time limit.
    /// - Returns: `nil` when the service shuts down before the broker is available.
    private func subscribe() async throws(AMQPError) -> Subscription? {
        while await hasBroker() {
            do throws(AMQPError) {
                return try await runtime.consuming.subscribe(to: name, prefetch: prefetch, paused: true)
            } catch {
                guard error.isConnectionFailure else { throw error }
            }
        }
        return nil
    }

    private func hasBroker() async -> Bool {
        do {
            try await runtime.waitForBroker()
            return true
        } catch {
            return false
        }
    }

    /// Sends the last acks to the broker. If the connection is lost, the broker delivers the messages again.
    private func flush() async {
        do throws(AMQPError) {
            try await runtime.consuming.flush()
        } catch {
            runtime.logger.debug("the last acks did not reach the broker", metadata: [LogKey.queue: .string(name)])
        }
    }
}
