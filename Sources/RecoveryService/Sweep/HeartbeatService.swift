import AMQP
import Contracts
import ServiceKit
import ServiceLifecycle

/// Receives heartbeats on a queue of its own, which expires after the process.
struct HeartbeatService: Service {
    private static let expiresAfterMS: Int64 = 600_000
    private static let mostWaiting: Int64 = 1000
    private static let prefetch = 64

    let runtime: ServiceRuntime
    let heartbeats: Heartbeats

    func run() async throws {
        guard let subscription = try await subscribe() else { return }
        await withGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask { await self.watchConnection() }
                for await delivery in subscription {
                    if let status = try? ContractCoding.decode(SystemStatus.self, from: delivery.message.body) {
                        heartbeats.record(status)
                    }
                    delivery.ack()
                }
                group.cancelAll()
            }
            // The connection was closed.
            try? await gracefulShutdown()
        } onGracefulShutdown: {
            Task { await subscription.cancel() }
        }
    }

    private func watchConnection() async {
        for await status in runtime.consuming.statusChanges where !status.isUsable { heartbeats.interrupt() }
    }

    /// - Returns: `nil` when the service stops before there is a broker.
    private func subscribe() async throws(AMQPError) -> Subscription? {
        let name = "hdm.reply.recovery.\(runtime.instance)"
        let arguments: FieldTable = [
            "x-expires": .integer(Self.expiresAfterMS), "x-max-length": .integer(Self.mostWaiting),
            "x-queue-type": "classic",
        ]
        while await hasBroker() {
            do throws(AMQPError) {
                try await runtime.consuming.declare([
                    .queue(name, arguments: arguments),
                    .binding(queue: name, exchange: ExchangeName.events, routingKey: "system.#"),
                ])
                return try await runtime.consuming.subscribe(to: name, prefetch: Self.prefetch)
            } catch {
                guard error.isConnectionFailure || error.code == .notFound else { throw error }
                try? await Task.sleep(for: .seconds(1))
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
