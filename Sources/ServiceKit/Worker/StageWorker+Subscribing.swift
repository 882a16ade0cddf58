import AMQP
import Contracts
import Logging

extension StageWorker {
    /// Subscribes to the stage's queues, and waits for the broker as long as necessary.
    /// - Returns: `nil` when the service is stopped before the broker responds.
    func subscribe() async throws(AMQPError) -> [Subscription]? {
        var subscriptions: [Subscription] = []
        for queue in QueueName.work(stage, runtime.settings.queueType) {
            guard let subscription = try await subscribe(to: queue) else { return nil }
            subscriptions.append(subscription)
        }
        return subscriptions
    }

    private func subscribe(to queue: String) async throws(AMQPError) -> Subscription? {
        while await hasBroker() {
            do throws(AMQPError) {
                return try await runtime.consuming.subscribe(to: queue, prefetch: settings.concurrency, paused: true)
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

    /// Waits until the last acks are sent. Without a connection they are void: the broker delivers everything again.
    func flush() async {
        guard runtime.consuming.status.isUsable else { return }
        do throws(AMQPError) {
            try await runtime.consuming.flush()
        } catch {
            runtime.logger.debug("the last acks were not sent", metadata: [LogKey.error: "\(error)"])
        }
    }
}
