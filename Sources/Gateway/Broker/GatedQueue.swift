import AMQP
import Contracts
import Logging
import ServiceKit
import ServiceLifecycle

/// Consumes a queue while the service is ready, until it shuts down.
struct GatedQueue: Sendable {
    let runtime: ServiceRuntime
    let name: String
    let prefetch: Int

    /// Hands the queue's deliveries over; they end with the shutdown. Returns when all that was handed over is settled.
    func run(_ consume: @escaping @Sendable (Subscription) async -> Void) async throws {
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
        await settle()
    }

    /// Works on deliveries side by side. Each is ended when `take` has returned; when it throws, it goes back to the queue.
    /// - Parameter complaint: what the log says of one that goes back.
    func runEach(_ complaint: String, _ take: @escaping @Sendable (Delivery) async throws -> Void) async throws {
        try await run { subscription in
            await withDiscardingTaskGroup { group in
                for await delivery in subscription { group.addTask { await settle(delivery, complaint, take) } }
            }
        }
    }

    /// Works on deliveries in batches, one after another: while one is worked on, the next grows. Each delivery is up to
    /// `take` to end.
    func runBatches(upTo limit: Int, _ take: @escaping @Sendable ([Delivery]) async -> Void) async throws {
        try await run { subscription in
            let buffer = BatchBuffer<Delivery>()
            await withTaskGroup { group in
                group.addTask {
                    for await delivery in subscription { buffer.put(delivery) }
                    buffer.finish()
                }
                while let deliveries = await buffer.next(limit: limit) { await take(deliveries) }
            }
        }
    }

    private func settle(
        _ delivery: Delivery, _ complaint: String, _ take: @Sendable (Delivery) async throws -> Void
    ) async {
        do {
            try await take(delivery)
            delivery.ack()
        } catch {
            runtime.logger.log(
                event: .workerFailed, level: .error, "\(complaint)",
                metadata: [LogKey.queue: .string(name), LogKey.error: .string("\(error)")])
            // Keeps a database or broker that refuses from being asked in a tight loop.
            try? await Task.sleep(for: .seconds(1))
            delivery.nack(requeue: true)
        }
    }

    /// Waits for the broker as long as it takes; `nil` when the service is stopped before there is one.
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

    /// Hands the last acks to the broker. Without a connection they are void: everything is delivered again.
    private func settle() async {
        do throws(AMQPError) {
            try await runtime.consuming.flush()
        } catch {
            runtime.logger.debug("the last acks did not reach the broker", metadata: [LogKey.queue: .string(name)])
        }
    }
}
