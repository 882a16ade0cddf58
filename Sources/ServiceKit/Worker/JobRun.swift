import AMQP
import Contracts
import Foundation
import Logging

/// One delivery on its way through a worker: read, judged, worked on, settled.
struct JobRun: Sendable {
    let delivery: Delivery
    @Boxed var envelope: JobEnvelope
    @Boxed var job: JobDocument
    let stage: Stage
    let worker: String
    var logger: Logger
    /// Somebody cancelled the job too late: it goes on.
    var isPastCancelling = false
    /// Tells of the run while it is worked on; `nil` before.
    var emitter: JobEventEmitter?

    /// An event about the job as this run sees it.
    func event(_ name: JobEvent.Name, _ state: JobState, error: JobError? = nil) -> JobEvent {
        var event = JobEvent(
            name, of: job, at: stage, state: state, hop: envelope.hop, requeues: envelope.requeues,
            attempt: envelope.attempt, worker: worker)
        event.code = error?.code
        event.message = error?.message
        return event
    }

    /// A line of the job's history.
    func step(_ message: String) -> JobEvent {
        .step(
            message, of: job, at: stage, hop: envelope.hop, requeues: envelope.requeues, attempt: envelope.attempt,
            worker: worker)
    }

    /// Ends the delivery: what follows from it is confirmed, and so are the events that told of the work.
    func acknowledge() async throws(AMQPError) {
        try await emitter?.settled()
        delivery.ack()
    }

    /// The job as a dead letter of this stage.
    func deadLetter(_ error: JobError) -> DeadLetter {
        DeadLetter(
            delivery.message, kind: .dead, place: stage.rawValue, error: error, envelope: envelope, worker: worker)
    }
}
