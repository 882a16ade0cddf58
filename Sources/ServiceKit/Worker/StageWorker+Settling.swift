import AMQP
import Contracts
import Foundation
import Logging

extension StageWorker {
    /// Validates a delivery, runs the handler if necessary, and settles the delivery.
    /// - Returns: the label of the outcome in metrics.
    func settle(_ delivery: Delivery) async -> String {
        do {
            guard var run = try await read(delivery) else { return "invalid" }
            if let early = try await endEarly(&run) { return early }
            return try await work(run)
        } catch {
            // Nothing was acknowledged, so the broker delivers the message again. The pause limits the rate.
            runtime.logger.log(
                event: .workerFailed, level: .error, "an outcome was not published; the job returns to its queue",
                metadata: [LogKey.stage: .string(stage.rawValue), LogKey.error: .string("\(error)")])
            try? await Task.sleep(for: .seconds(1))
            delivery.nack(requeue: true)
            return "requeued"
        }
    }

    /// Decodes the job document.
    /// - Returns: `nil` for a document that breaks the contract; it becomes a dead letter.
    private func read(_ delivery: Delivery) async throws(AMQPError) -> JobRun? {
        let envelope = JobEnvelope(delivery)
        do throws(ContractViolation) {
            let job = try Self.decode(delivery.message.body)
            return JobRun(
                delivery: delivery, envelope: envelope, job: job, stage: stage, worker: runtime.instance,
                logger: runtime.logger.with(
                    job, stage: stage, attempt: envelope.attempt, traceparent: envelope.traceparent))
        } catch {
            try await reject(delivery, envelope, error)
            return nil
        }
    }

    private static func decode(_ body: Data) throws(ContractViolation) -> JobDocument {
        guard body.count <= JobDocument.largestBody else {
            throw ContractViolation(path: "", problem: "is larger than \(JobDocument.largestBody) bytes")
        }
        return try ContractCoding.decode(JobDocument.self, from: body)
    }

    private func reject(
        _ delivery: Delivery, _ envelope: JobEnvelope, _ violation: ContractViolation
    ) async throws(AMQPError) {
        let error = JobError(.invalidPayload, violation.description)
        try await runtime.publisher.publish(
            DeadLetter(
                delivery.message, kind: .invalid, place: stage.rawValue, error: error, envelope: envelope,
                worker: runtime.instance))
        delivery.ack()
        runtime.logger.log(
            event: .intakeRejected, level: .warning, "a message breaks the contract and became a dead letter",
            metadata: [LogKey.stage: .string(stage.rawValue), LogKey.error: .string(error.message)])
    }

    /// Settles a delivery whose handler must not run now.
    /// - Returns: the label of the outcome; `nil` when the handler has to run.
    private func endEarly(_ run: inout JobRun) async throws(AMQPError) -> String? {
        if await isFinished(run.job.jobID) {
            run.delivery.ack()
            run.logger.log(event: .dedupeSkipped, "the job has ended; a repeated message was dropped")
            return "repeated"
        }
        if let label = try await dropIfCancelled(&run) { return label }
        // At the last stage the file may be in the library already; the handler decides.
        if let expiry = run.job.expiresAt, expiry < .now, stage.next != nil {
            return try await settler.settle(run, .deadLetter(JobError(.expired, "the job expired at \(expiry)")))
        }
        if let due = run.envelope.notBefore, due.since(.now) > .milliseconds(500) {
            return try await settler.postpone(run, until: due)
        }
        if run.delivery.redelivered { return try await settler.countRedelivery(run, limit: Self.mostRedeliveries) }
        return nil
    }
}

extension Delivery {
    /// The time since the message was published, to the second as in AMQP.
    var waited: Duration? {
        message.properties.timestamp.map { .seconds(max(0, Date().timeIntervalSince1970 - Double($0))) }
    }
}
