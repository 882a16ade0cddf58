import AMQP
import Contracts
import Foundation
import Logging
import ServiceKit
import ServiceLifecycle

/// Takes doubtful matches from `hdm.q.review` into the database, where people find them.
struct ReviewConsumer: Service {
    /// Reviews worked on side by side.
    static let prefetch = 32

    let store: JobStore
    let runtime: ServiceRuntime

    func run() async throws {
        let queue = GatedQueue(runtime: runtime, name: QueueName.review, prefetch: Self.prefetch)
        // Ended only after the database or a parking lot has what it brought.
        try await queue.runEach("a review goes back to its queue") { try await take($0) }
    }

    private func take(_ delivery: Delivery) async throws {
        let envelope = JobEnvelope(delivery)
        let job: JobDocument
        do throws(ContractViolation) {
            job = try JobDocument(forReview: delivery.message.body)
        } catch {
            try await park(delivery, envelope, error)
            return
        }
        let arrival = try await store.ask(job, envelope)
        GatewayMetrics.reviews(open: try await store.openReviews())
        announce(arrival, job, envelope)
    }

    private func park(
        _ delivery: Delivery, _ envelope: JobEnvelope, _ violation: ContractViolation
    ) async throws(AMQPError) {
        let error = JobError(.invalidPayload, violation.description)
        // It is the match stage that asks for reviews.
        let place = Stage.match.rawValue
        try await runtime.publisher.publish(
            DeadLetter(
                delivery.message, kind: .invalid, place: place, error: error, envelope: envelope,
                worker: runtime.instance))
        runtime.logger.log(
            event: .intakeRejected, level: .warning, "a review breaks the contract and was parked",
            metadata: [LogKey.queue: .string(QueueName.review), LogKey.error: .string(error.message)])
    }

    private func announce(_ arrival: ReviewArrival, _ job: JobDocument, _ envelope: JobEnvelope) {
        let logger = runtime.logger.with(
            job, stage: .match, attempt: envelope.attempt, traceparent: envelope.traceparent)
        switch arrival {
        case .open:
            logger.log(
                event: .reviewAsked, "a match waits for a person",
                metadata: ["candidates": .stringConvertible(job.match?.candidates.count ?? 0)])
        case .repeated: logger.log(event: .dedupeSkipped, "the review is known; a repetition was dropped")
        case .late: logger.log(event: .dedupeSkipped, "the job has gone on; its review is not asked for any more")
        }
    }
}

extension JobDocument {
    /// Reads a job that was published for a review.
    /// - Throws: `ContractViolation`, also when there is nothing to look at.
    init(forReview body: Data) throws(ContractViolation) {
        guard body.count <= Self.largestBody else {
            throw ContractViolation(path: "", problem: "is larger than \(Self.largestBody) bytes")
        }
        self = try ContractCoding.decode(JobDocument.self, from: body)
        guard match != nil else { throw ContractViolation(path: "/match", problem: "is missing") }
    }
}
