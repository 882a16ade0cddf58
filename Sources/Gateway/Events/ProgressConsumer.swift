import AMQP
import Contracts
import Foundation
import JobLedger
import Logging
import ServiceKit
import ServiceLifecycle

/// Records the latest progress of each job from `hdm.events.progress`, which all gateways share.
struct ProgressConsumer: Service {
    /// Events of one transaction.
    static let batch = 1000
    /// The time between two transactions. Only the latest progress of each job is recorded.
    static let pause: Duration = .milliseconds(500)

    let store: JobStore
    let runtime: ServiceRuntime

    func run() async throws {
        let queue = GatedQueue(runtime: runtime, name: QueueName.progressEvents, prefetch: Self.batch)
        try await queue.runBatches(upTo: Self.batch) { deliveries in
            await self.record(deliveries)
            // Ends immediately on shutdown: then nothing is left to wait for.
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Progress that cannot be recorded is dropped, because later progress replaces it.
    private func record(_ deliveries: [Delivery]) async {
        do {
            try await store.record(latest(deliveries.compactMap(event)))
        } catch {
            runtime.logger.log(
                event: .workerFailed, level: .warning, "progress was not recorded",
                metadata: [LogKey.queue: .string(QueueName.progressEvents), LogKey.error: .string("\(error)")])
        }
    }

    private func latest(_ events: [ProgressEvent]) -> [ProgressEvent] {
        let latest = events.reduce(into: [JobID: ProgressEvent]()) { latest, event in
            if let known = latest[event.jobID], known.at > event.at { return }
            latest[event.jobID] = event
        }
        return Array(latest.values)
    }

    private func event(_ delivery: Delivery) -> ProgressEvent? {
        do throws(ContractViolation) {
            return try ProgressEvent(checking: delivery.message.body)
        } catch {
            GatewayMetrics.events(1, "malformed")
            runtime.logger.debug("progress violates the contract", metadata: [LogKey.error: .string(error.description)])
            return nil
        }
    }
}

extension ProgressEvent {
    /// The longest name of a peer or a phase, in bytes.
    private static let longestText = 256

    /// Decodes progress.
    /// - Throws: `ContractViolation`, also for progress of another schema version.
    init(checking body: Data) throws(ContractViolation) {
        self = try ContractCoding.decode(ProgressEvent.self, from: body)
        guard schema == Self.schema else {
            throw ContractViolation(path: "/schema", problem: "must be \"\(Self.schema)\"")
        }
        guard done >= 0, total ?? 0 >= 0, rate ?? 0 >= 0, placeInQueue ?? 0 >= 0 else {
            throw ContractViolation(path: "", problem: "has a negative number")
        }
        guard (peer ?? "").utf8.count <= Self.longestText, (phase ?? "").utf8.count <= Self.longestText else {
            throw ContractViolation(path: "", problem: "has a text longer than \(Self.longestText) bytes")
        }
    }
}
