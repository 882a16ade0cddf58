import AMQP
import Contracts
import Foundation
import Logging
import ServiceKit
import ServiceLifecycle

/// Takes submissions that other services publish on `hdm.intake`, and answers to `reply_to`.
struct IntakeConsumer: Service {
    /// Submissions worked on side by side.
    static let prefetch = 32
    /// A reply queue that is no queue (RabbitMQ, direct reply-to): what is delivered there is returned all the same.
    private static let directReplyTo = "amq.rabbitmq.reply-to."

    let intake: Intake
    let runtime: ServiceRuntime

    func run() async throws {
        let queue = GatedQueue(runtime: runtime, name: QueueName.intake, prefetch: Self.prefetch)
        // Ended only after the database or a parking lot has what it brought.
        try await queue.runEach("a submission goes back to its queue") { try await answer($0, try await take($0)) }
    }

    private func take(_ delivery: Delivery) async throws -> Data {
        let properties = delivery.message.properties
        let body = delivery.message.body
        let replay = properties.messageID.map {
            ReplayKey($0, scope: "amqp", body: body, origin: .message(redelivered: delivery.redelivered))
        }
        let envelope = JobEnvelope(delivery)
        let receipt: IntakeReceipt
        do throws(IntakeError) {
            receipt = try await intake.submit(body, replay: replay, traceparent: envelope.traceparent)
        } catch {
            if case .unavailable = error { throw error }
            try await park(delivery, envelope, error)
            return try ContractCoding.encode(error.answer)
        }
        runtime.logger.accepted(receipt, over: "amqp")
        return try ContractCoding.encode(receipt.answer)
    }

    private func park(_ delivery: Delivery, _ envelope: JobEnvelope, _ error: IntakeError) async throws(AMQPError) {
        let problem = JobError(.invalidPayload, error.answer.error.message)
        try await runtime.publisher.publish(
            DeadLetter(
                delivery.message, kind: .invalid, place: "intake", error: problem, envelope: envelope,
                worker: runtime.instance))
        runtime.logger.rejected(problem.message, over: "amqp")
    }

    /// - Throws: ``AMQPError`` when the answer may get through later; once, as the submission itself is done.
    private func answer(_ delivery: Delivery, _ answer: Data) async throws(AMQPError) {
        guard let queue = delivery.message.properties.replyTo, !queue.isEmpty else { return }
        let request = delivery.message.properties
        let message = runtime.publisher.messages.message(
            answer, type: MessageType.submissionAnswer, correlationID: request.correlationID ?? request.messageID)
        do throws(AMQPError) {
            try await runtime.publisher.publish(message, to: "", key: queue)
        } catch {
            if error.code == .unroutable, queue.hasPrefix(Self.directReplyTo) { return }
            if error.isRetriable, !delivery.redelivered { throw error }
            runtime.logger.log(
                event: .requestFailed, level: .notice, "an answer did not reach the queue that asked for it",
                metadata: [LogKey.queue: .string(queue.prefix(utf8: 256)), LogKey.error: .string("\(error)")])
        }
    }
}
