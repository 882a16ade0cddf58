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
        // Deliveries are acked only after the database or a dead-letter queue has their content.
        try await queue.runBatches(upTo: Self.batch) { try await apply($0) }
    }

    private func apply(_ deliveries: [Delivery]) async throws {
        var events: [(delivery: Delivery, event: LedgerEvent)] = []
        var malformed: [(delivery: Delivery, problem: ContractViolation)] = []
        for delivery in deliveries {
            do throws(ContractViolation) {
                guard let event = try LedgerEvent(delivery) else { continue }
                events.append((delivery, event))
            } catch {
                malformed.append((delivery, error))
            }
        }
        do {
            try await apply(events.map(\.event))
        } catch  where !JobStore.isTemporary(error) {
            try await applyEach(events)
        }
        // After the database: while it fails, the whole batch is repeated.
        for (delivery, problem) in malformed {
            try await park(delivery, JobError(.invalidPayload, problem.description))
        }
    }

    /// Finds the event that the database refuses, so that it does not block the others.
    private func applyEach(_ events: [(delivery: Delivery, event: LedgerEvent)]) async throws {
        for (delivery, event) in events {
            do {
                try await apply([event])
            } catch  where !JobStore.isTemporary(error) {
                try await park(delivery, JobError(.internalError, "the event cannot be applied: \(error)"))
            }
        }
    }

    private func apply(_ events: [LedgerEvent]) async throws {
        let applied = try await store.project(events)
        CrashPoint.pass(.projectionCommitted)
        GatewayMetrics.events(applied.new, "new")
        GatewayMetrics.events(events.count - applied.new, "repeated")
        for conflict in applied.conflicts {
            runtime.logger.log(
                event: .jobKeyHeld, level: .warning, "a job works although another job holds its dedupe key",
                metadata: [
                    LogKey.jobID: .string(conflict.job.text), "dedupe_key": .string(conflict.key),
                    "holder": .string(conflict.holder.text),
                ])
        }
    }

    /// Publishes a message that is no event to `hdm.dlq.invalid`: it may be the ending of a job. Acks it at once, so that
    /// a repetition of its batch leaves it out.
    private func park(_ delivery: Delivery, _ error: JobError) async throws(AMQPError) {
        try await RefusedMessages(runtime: runtime, place: "events").park(delivery, error)
        delivery.ack()
        GatewayMetrics.events(1, "malformed")
        runtime.logger.log(
            event: .workerFailed, level: .warning, "an event cannot be applied and was parked",
            metadata: [
                LogKey.queue: .string(QueueName.gatewayEvents), LogKey.error: .string(error.message),
                "routing_key": .string(delivery.routingKey.prefix(utf8: 256)),
            ])
    }
}

extension LedgerEvent {
    /// Decodes an event. Returns `nil` for an event of a kind that this version does not use.
    /// - Throws: `ContractViolation`, also for an event of another schema version.
    init?(_ delivery: Delivery) throws(ContractViolation) {
        let body = delivery.message.body
        if delivery.routingKey.hasPrefix("job.") {
            self = .job(try JobEvent(checking: body))
        } else if delivery.routingKey == ExpansionEvent.routingKey {
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
        self = try ContractCoding.decode(JobEvent.self, from: body)
        guard schema == Self.schema else {
            throw ContractViolation(path: "/schema", problem: "must be \"\(Self.schema)\"")
        }
    }
}
