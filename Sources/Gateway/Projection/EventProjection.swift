import AMQP
import Contracts
import Foundation
import Logging
import ServiceKit
import ServiceLifecycle

/// Keeps the database's picture of every job up to date with the events on `hdm.events.gateway`.
struct EventProjection: Service {
    /// Events of one transaction.
    static let batch = 200
    /// Two batches: one is written while the next arrives.
    static let prefetch = batch * 2

    let store: JobStore
    let runtime: ServiceRuntime

    func run() async throws {
        let queue = GatedQueue(runtime: runtime, name: QueueName.gatewayEvents, prefetch: Self.prefetch)
        try await queue.runBatches(upTo: Self.batch) { await self.settle($0) }
    }

    /// Ends deliveries only after the database has what they brought.
    private func settle(_ deliveries: [Delivery]) async {
        let events = deliveries.compactMap(read)
        do {
            let new = try await store.apply(events)
            GatewayMetrics.events(new, "new")
            GatewayMetrics.events(events.count - new, "repeated")
            for delivery in deliveries { delivery.ack() }
        } catch {
            runtime.logger.log(
                event: .workerFailed, level: .error, "events go back to their queue",
                metadata: [LogKey.queue: .string(QueueName.gatewayEvents), LogKey.error: .string("\(error)")])
            // Keeps a database that refuses from being asked in a tight loop.
            try? await Task.sleep(for: .seconds(1))
            for delivery in deliveries { delivery.nack(requeue: true) }
        }
    }

    /// An event that breaks the contract is told and dropped: it can never be read, and nobody waits for it.
    private func read(_ delivery: Delivery) -> JobEvent? {
        do throws(ContractViolation) {
            return try JobEvent(checking: delivery.message.body)
        } catch {
            GatewayMetrics.events(1, "malformed")
            runtime.logger.log(
                event: .workerFailed, level: .warning, "an event breaks the contract and was dropped",
                metadata: [
                    LogKey.queue: .string(QueueName.gatewayEvents), LogKey.error: .string(error.description),
                    "routing_key": .string(delivery.routingKey.prefix(utf8: 256)),
                ])
            return nil
        }
    }
}

extension JobEvent {
    /// Reads an event.
    /// - Throws: `ContractViolation`, also for an event of another version.
    init(checking body: Data) throws(ContractViolation) {
        guard body.count <= JobDocument.largestBody else {
            throw ContractViolation(path: "", problem: "is larger than \(JobDocument.largestBody) bytes")
        }
        self = try ContractCoding.decode(JobEvent.self, from: body)
        guard schema == Self.schema else {
            throw ContractViolation(path: "/schema", problem: "must be \"\(Self.schema)\"")
        }
    }
}
