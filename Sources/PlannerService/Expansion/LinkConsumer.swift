import AMQP
import Contracts
import Logging
import ServiceKit
import ServiceLifecycle

/// Stores the links that the gateway publishes to `hdm.q.planner`.
struct LinkConsumer: Service {
    private static let prefetch = 32

    let store: PlannerStore
    let runtime: ServiceRuntime
    /// Raised when there is a new link.
    let wake: WakeSignal

    func run() async throws {
        let queue = GatedQueue(runtime: runtime, name: QueueName.planner, prefetch: Self.prefetch)
        try await queue.runEach { try await store($0) }
    }

    private func store(_ delivery: Delivery) async throws {
        let request: LinkRequest
        do {
            request = try ContractCoding.decode(LinkRequest.self, from: delivery.message.body)
            _ = try CatalogueLink(request.link)
        } catch {
            return try await park(delivery, "\(error)")
        }
        let traceparent = delivery.message.properties.headers[MessageHeader.traceparent]?.stringValue
        try await store.insert(request, traceparent: traceparent)
        wake.raise()
    }

    /// Publishes a message that violates the contract to `hdm.dlq.invalid`.
    private func park(_ delivery: Delivery, _ reason: String) async throws(AMQPError) {
        try await runtime.publisher.publish(
            DeadLetter(
                delivery.message, kind: .invalid, place: "planner", error: JobError(.invalidPayload, reason),
                envelope: JobEnvelope(delivery), worker: runtime.instance))
        runtime.logger.log(
            event: .workerFailed, level: .warning, "a link request violates the contract and is parked",
            metadata: [LogKey.queue: .string(QueueName.planner), LogKey.error: .string(reason)])
    }
}
