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
