import AMQP
import Contracts
import Foundation
import Logging
import ServiceKit
import ServiceLifecycle

/// Keeps the newest progress of each job in the database, from `hdm.events.progress`, which the gateways share.
struct ProgressConsumer: Service {
    /// Events of one transaction.
    static let batch = 1000
    /// Between two transactions: what arrives meanwhile is the newest or nothing.
    static let pause: Duration = .milliseconds(500)

    let store: JobStore
    let runtime: ServiceRuntime

    func run() async throws {
        let queue = GatedQueue(runtime: runtime, name: QueueName.progressEvents, prefetch: Self.batch)
        try await queue.runBatches(upTo: Self.batch) { deliveries in
            await self.keep(deliveries)
            // Ends at once on shutdown, which finds nothing left to wait for.
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// What cannot be kept is dropped: the next one says more.
    private func keep(_ deliveries: [Delivery]) async {
        do {
            try await store.keep(newest(deliveries.compactMap(read)))
        } catch {
            runtime.logger.log(
                event: .workerFailed, level: .warning, "progress could not be kept",
                metadata: [LogKey.queue: .string(QueueName.progressEvents), LogKey.error: .string("\(error)")])
        }
        for delivery in deliveries { delivery.ack() }
    }

    private func newest(_ events: [ProgressEvent]) -> [ProgressEvent] {
        let newest = events.reduce(into: [JobID: ProgressEvent]()) { newest, event in
            if let known = newest[event.jobID], known.at > event.at { return }
            newest[event.jobID] = event
        }
        return Array(newest.values)
    }

    private func read(_ delivery: Delivery) -> ProgressEvent? {
        do throws(ContractViolation) {
            return try ProgressEvent(checking: delivery.message.body)
        } catch {
            GatewayMetrics.events(1, "malformed")
            runtime.logger.debug("progress breaks the contract", metadata: [LogKey.error: .string(error.description)])
            return nil
        }
    }
}

extension ProgressEvent {
    /// Longer texts are no names of peers or phases.
    private static let longestText = 256

    /// Reads progress.
    /// - Throws: `ContractViolation`, also for progress of another version.
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
