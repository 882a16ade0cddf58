import AMQP
import Contracts
import Foundation
import JobLedger
import Logging
import ServiceKit
import ServiceLifecycle

/// Applies the events of jobs and expansions on `hdm.events.gateway` to the database.
struct EventProjection: Service {
    /// Events of one transaction.
    static let batch = 200
    /// Two batches: one is written while the next arrives.
    static let prefetch = batch * 2

    let store: JobStore
    let runtime: ServiceRuntime

    func run() async throws {
        let queue = GatedQueue(runtime: runtime, name: QueueName.gatewayEvents, prefetch: Self.prefetch)
        try await queue.runBatches(upTo: Self.batch) { await self.apply($0) }
    }

    /// Acks deliveries only after the database has their events.
    private func apply(_ deliveries: [Delivery]) async {
        let events = deliveries.compactMap(event)
        do {
            let new = try await store.apply(events)
            GatewayMetrics.events(new, "new")
            GatewayMetrics.events(events.count - new, "repeated")
            for delivery in deliveries { delivery.ack() }
        } catch {
            runtime.logger.log(
                event: .workerFailed, level: .error, "events are requeued",
                metadata: [LogKey.queue: .string(QueueName.gatewayEvents), LogKey.error: .string("\(error)")])
            // Limits how often a failing database is tried.
            try? await Task.sleep(for: .seconds(1))
            for delivery in deliveries { delivery.nack(requeue: true) }
        }
    }

    /// Reads an event. One that violates the contract is logged and dropped: a later attempt cannot read it either.
    private func event(_ delivery: Delivery) -> LedgerEvent? {
        do throws(ContractViolation) {
            return try LedgerEvent(delivery.message.body, routingKey: delivery.routingKey)
        } catch {
            GatewayMetrics.events(1, "malformed")
            runtime.logger.log(
                event: .workerFailed, level: .warning, "an event violates the contract and was dropped",
                metadata: [
                    LogKey.queue: .string(QueueName.gatewayEvents), LogKey.error: .string(error.description),
                    "routing_key": .string(delivery.routingKey.prefix(utf8: 256)),
                ])
            return nil
        }
    }
}

extension LedgerEvent {
    /// Decodes an event. Returns `nil` for an event of a kind that this version does not use.
    /// - Throws: `ContractViolation`, also for an event of another schema version.
    init?(_ body: Data, routingKey: String) throws(ContractViolation) {
        if routingKey.hasPrefix("job.") {
            self = .job(try JobEvent(checking: body))
        } else if routingKey == ExpansionEvent.routingKey {
            self = .expansion(try ContractCoding.decode(ExpansionEvent.self, from: body))
        } else {
            return nil
        }
    }
}

extension JobEvent {
    /// Decodes an event.
    /// - Throws: `ContractViolation`, also for an event of another schema version.
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
