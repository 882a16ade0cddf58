import AMQP
import Contracts
import Logging
import ServiceKit
import ServiceLifecycle

/// The queue on which this process gets the gateway's responses.
///
/// It expires ten minutes after its last use, so that stopped processes leave nothing behind. It is durable: RabbitMQ 4
/// deprecates shared queues that are not.
struct ReplyQueue: Service {
    private static let expiresAfterMS: Int64 = 600_000
    private static let prefetch = 64

    let runtime: ServiceRuntime
    let router: ReplyRouter

    /// The name of the queue, for `reply_to`.
    static func name(of runtime: ServiceRuntime) -> String { "hdm.reply.planner.\(runtime.instance)" }

    func run() async throws {
        guard let subscription = try await subscribe() else { return }
        await withGracefulShutdownHandler {
            for await delivery in subscription {
                if let key = delivery.message.properties.correlationID {
                    router.deliver(delivery.message.body, to: key)
                }
                // Before the response is applied: if it is lost, the repeated submission gets it again.
                delivery.ack()
            }
        } onGracefulShutdown: {
            Task { await subscription.cancel() }
        }
    }

    /// - Returns: `nil` when the service stops before there is a broker.
    private func subscribe() async throws(AMQPError) -> Subscription? {
        let name = Self.name(of: runtime)
        while await hasBroker() {
            do throws(AMQPError) {
                try await runtime.consuming.declare([
                    .queue(name, arguments: ["x-expires": .integer(Self.expiresAfterMS)])
                ])
                return try await runtime.consuming.subscribe(to: name, prefetch: Self.prefetch)
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
}
