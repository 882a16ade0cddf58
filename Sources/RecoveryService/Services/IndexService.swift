import AMQP
import Contracts
import Logging
import ServiceKit
import ServiceLifecycle

/// Consumes the copies of all dead letters and records them in the index.
struct IndexService: Service {
    let index: DeadLetterIndex
    let runtime: ServiceRuntime

    /// Deliveries that are buffered while acks are under way.
    private static let prefetch = 100

    func run() async throws {
        try await runtime.waitForBroker()
        let subscription = try await runtime.consuming.subscribe(
            to: QueueName.recovery, prefetch: Self.prefetch, paused: true)
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { await self.runtime.gate(subscription) }
                group.addTask { for await delivery in subscription { await self.process(delivery) } }
                await group.waitForAll()
            }
        }
        await subscription.cancel()
    }

    /// Acknowledges after the commit. A repetition changes nothing.
    private func process(_ delivery: Delivery) async {
        let record = DeadLetterRecord(delivery)
        do {
            if try await index.record(record) { log(record) }
            delivery.ack()
        } catch  where Task.isCancelled {
            // The service stops; the broker delivers it again.
            delivery.nack(requeue: true)
        } catch {
            runtime.logger.log(
                event: .workerFailed, level: .error, "a dead letter was not indexed; trying again",
                metadata: [LogKey.error: .string("\(error)")])
            // The readiness check of the database pauses the subscription. Until then, the pause limits the rate.
            try? await Task.sleep(for: .seconds(1))
            delivery.nack(requeue: true)
        }
    }

    private func log(_ record: DeadLetterRecord) {
        var metadata: Logger.Metadata = [
            "message_id": .string(record.id), LogKey.queue: .string(record.queue),
            LogKey.code: .string(record.reason), LogKey.error: .string(record.error),
            LogKey.attempt: .stringConvertible(record.attempt),
        ]
        if let job = record.jobID { metadata[LogKey.jobID] = .string(job) }
        if let stage = record.stage { metadata[LogKey.stage] = .string(stage) }
        runtime.logger.log(
            event: .recoveryDeadLettered, level: .warning, "a dead letter was indexed", metadata: metadata)
    }
}
