import AMQP
import Contracts
import Logging

/// One delivery in a worker, from its validation to its settlement.
struct JobRun: Sendable {
    let delivery: Delivery
    @Boxed var envelope: JobEnvelope
    @Boxed var job: JobDocument
    let stage: Stage
    let worker: String
    var logger: Logger
    /// Whether the job was cancelled too late, so that it continues.
    var isPastCancelling = false
    /// Publishes events while the handler runs; `nil` before.
    var emitter: JobEventEmitter?

    /// Returns an event about the job with the counters of this run.
    func event(_ name: JobEvent.Name, _ state: JobState, error: JobError? = nil) -> JobEvent {
        var event = JobEvent(
            name, of: job, at: stage, state: state, hop: envelope.hop, requeues: envelope.requeues,
            attempt: envelope.attempt, worker: worker)
        event.code = error?.code
        event.message = error?.message
        return event
    }

    /// Returns the event for a line of the job's timeline.
    func step(_ message: String) -> JobEvent {
        .step(
            message, of: job, at: stage, hop: envelope.hop, requeues: envelope.requeues, attempt: envelope.attempt,
            worker: worker)
    }

    /// Acknowledges the delivery after the confirms of all events. The messages that follow must be confirmed before.
    func acknowledge() async throws(AMQPError) {
        try await emitter?.waitForConfirms()
        delivery.ack()
    }

    /// Returns the delivered message as a dead letter of this stage.
    func deadLetter(_ error: JobError) -> DeadLetter {
        DeadLetter(
            delivery.message, kind: .dead, place: stage.rawValue, error: error, envelope: envelope, worker: worker)
    }
}
