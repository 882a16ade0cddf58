import AMQP
import Contracts
import Foundation
import JobLedger
import Logging
import ServiceKit
import ServiceLifecycle

/// Admits submissions that other services publish to `hdm.intake`, and sends responses to `reply_to`.
struct IntakeConsumer: Service {
    /// How many submissions are handled concurrently.
    static let prefetch = 32
    /// The address of RabbitMQ's direct reply-to, which is no queue: the broker delivers to it and still returns the
    /// message as unroutable.
    private static let directReplyTo = "amq.rabbitmq.reply-to."

    let intake: Intake
    let keys: ReplayKeys
    let runtime: ServiceRuntime

    func run() async throws {
        let queue = GatedQueue(runtime: runtime, name: QueueName.intake, prefetch: Self.prefetch)
        // A delivery is acked only after the database or a dead letter queue has its content.
        try await queue.runEach { await respond(to: $0, try await handle($0)) }
    }

    /// Admits or parks a submission and returns the body of the response.
    private func handle(_ delivery: Delivery) async throws -> Data {
        let envelope = JobEnvelope(delivery)
        do throws(IntakeError) {
            let receipt = try await submit(delivery, envelope)
            runtime.logger.accepted(receipt, over: "amqp")
            return try encoded(receipt.response)
        } catch {
            if case .unavailable = error { throw error }
            try await park(delivery, error)
            return try ContractCoding.encode(error.response)
        }
    }

    private func submit(
        _ delivery: Delivery, _ envelope: JobEnvelope
    ) async throws(IntakeError) -> AdmissionReceipt {
        let replay: ReplayKey?
        do throws(ContractViolation) {
            replay = try keys.key(of: delivery)
        } catch {
            throw .invalid(error)
        }
        return try await intake.submit(
            delivery.message.body, replay: replay, traceparent: envelope.traceparent,
            trustsMetadata: keys.isPlanner(delivery))
    }

    private func encoded(_ response: SubmissionResponse) throws(IntakeError) -> Data {
        do {
            return try ContractCoding.encode(response, sorted: true)
        } catch {
            throw .refused("\(error)")
        }
    }

    private func park(_ delivery: Delivery, _ error: IntakeError) async throws(AMQPError) {
        let problem = JobError(
            error.failure == nil ? .invalidPayload : .internalError, error.failure ?? error.response.error.message)
        try await RefusedMessages(runtime: runtime, place: "intake").park(delivery, problem)
        runtime.logger.rejected(problem.message, over: "amqp")
    }

    /// Sends the response, at most twice. The submission is stored and is not repeated for it.
    private func respond(to delivery: Delivery, _ response: Data) async {
        let properties = delivery.message.properties
        guard let queue = properties.replyTo, !queue.isEmpty else { return }
        let message = runtime.publisher.messages.message(
            response, type: MessageType.submissionAnswer,
            correlationID: properties.correlationID ?? properties.messageID)
        var result = await send(message, to: queue)
        if let error = result, error.isRetriable { result = await send(message, to: queue) }
        guard let error = result, error.code != .unroutable || !queue.hasPrefix(Self.directReplyTo) else { return }
        runtime.logger.log(
            event: .requestFailed, level: .notice, "a response did not reach its reply queue",
            metadata: [LogKey.queue: .string(queue.prefix(utf8: 256)), LogKey.error: .string("\(error)")])
    }

    private func send(_ message: Message, to queue: String) async -> AMQPError? {
        do throws(AMQPError) {
            try await runtime.publisher.publish(message, to: "", key: queue)
            return nil
        } catch {
            return error
        }
    }
}
