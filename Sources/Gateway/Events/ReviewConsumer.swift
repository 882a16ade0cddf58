import AMQP
import Contracts
import Foundation
import JobLedger
import Logging
import ServiceKit
import ServiceLifecycle

/// Records doubtful matches from `hdm.q.review` in the database, where people can list them.
struct ReviewConsumer: Service {
    /// How many reviews are handled concurrently.
    static let prefetch = 32

    let store: JobStore
    let runtime: ServiceRuntime

    func run() async throws {
        let queue = GatedQueue(runtime: runtime, name: QueueName.review, prefetch: Self.prefetch)
        // A delivery is acked only after the database or a dead letter queue has its content.
        try await queue.runEach { try await record($0) }
    }

    private func record(_ delivery: Delivery) async throws {
        let envelope = JobEnvelope(delivery)
        let body: JobBody
        do throws(ContractViolation) {
            body = try JobBody(forReview: delivery.message.body)
        } catch {
            try await park(delivery, JobError(.invalidPayload, error.description))
            return
        }
        do {
            try await record(body, envelope)
        } catch  where !JobStore.isTemporary(error) {
            try await park(delivery, JobError(.internalError, "the review cannot be stored: \(error)"))
        }
    }

    private func record(_ body: JobBody, _ envelope: JobEnvelope) async throws {
        let step = JobStep(
            hop: envelope.hop, generation: envelope.requeues, restarts: envelope.restarts,
            traceparent: envelope.traceparent)
        let arrival = try await store.openReview(of: body.document, body: body.bytes, at: step)
        GatewayMetrics.reviews(open: try await store.openReviews())
        log(arrival, body.document, envelope)
    }

    private func park(_ delivery: Delivery, _ error: JobError) async throws(AMQPError) {
        // The match stage requests reviews.
        try await RefusedMessages(runtime: runtime, place: Stage.match.rawValue).park(delivery, error)
        runtime.logger.log(
            event: .intakeRejected, level: .warning, "a review cannot be recorded and was parked",
            metadata: [LogKey.queue: .string(QueueName.review), LogKey.error: .string(error.message)])
    }

    private func log(_ arrival: ReviewArrival, _ job: JobDocument, _ envelope: JobEnvelope) {
        let logger = runtime.logger.with(
            job, stage: .match, attempt: envelope.attempt, traceparent: envelope.traceparent)
        switch arrival {
        case .open:
            logger.log(
                event: .reviewAsked, "a match waits for a person",
                metadata: ["candidates": .stringConvertible(job.match?.candidates.count ?? 0)])
        case .repeated: logger.log(event: .dedupeSkipped, "the review is known; the repeated message was dropped")
        case .late: logger.log(event: .dedupeSkipped, "the job has continued; its review was dropped")
        }
    }
}

extension JobBody {
    /// Reads the body of a job that was published for a review.
    /// - Throws: `ContractViolation`, also when the job has no match.
    init(forReview body: Data) throws(ContractViolation) {
        self = try JobBody(body)
        guard document.match != nil else { throw ContractViolation(path: "/match", problem: "is missing") }
    }
}
