import AMQP
import Contracts
import Logging

/// One delivery in a worker, from its validation to its settlement.
struct JobRun: Sendable {
    let delivery: Delivery
    @Boxed var envelope: JobEnvelope
    @Boxed var body: JobBody
    let stage: Stage
    let worker: String
    var logger: Logger
    /// When the delivery must be settled or given back.
    let holdEnds: ContinuousClock.Instant
    /// When the handler began; `nil` for a delivery whose handler did not run.
    var began: Timestamp?
    /// Whether the job was cancelled too late, so that it continues.
    var isPastCancelling = false

    var job: JobDocument { body.document }

    /// The same for a repeated delivery of the message.
    var identity: RunIdentity {
        RunIdentity(job: job.jobID, generation: envelope.requeues, stage: stage, hop: envelope.runHop)
    }

    var generation: JobGeneration { identity.jobGeneration }

    /// The step of this message, for the journal.
    var step: DeliveredStep {
        var run = identity
        run.hop = envelope.hop
        return DeliveredStep(run, messageID: messageID)
    }

    /// Identifies the message among those of its step. It is the same when the broker delivers the message again.
    var messageID: String { delivery.message.properties.messageID ?? "hop \(envelope.hop)" }

    /// Returns an event about the job with the counters of this run.
    func event(_ name: JobEvent.Name, _ state: JobState, error: JobError? = nil, hop: Int? = nil) -> JobEvent {
        var event = JobEvent(
            name, of: job, at: stage, state: state, hop: hop ?? envelope.hop, requeues: envelope.requeues,
            attempt: envelope.attempt, worker: worker)
        event.code = error?.code
        event.message = error?.message
        if envelope.isForeign { event.document = body.bytes }
        return event
    }

    /// Returns the event of an ending that needs no dead letter. Copies of a message that a crash left end with equal
    /// events, so that the ending counts once.
    func finalEvent(_ name: JobEvent.Name, _ state: JobState) -> JobEvent {
        event(name, state, hop: JobEvent.finalHop)
    }

    /// Returns the event for a line of the job's timeline.
    func historyStep(_ message: String) -> JobEvent {
        .step(
            message, of: job, at: stage, hop: envelope.hop, requeues: envelope.requeues, attempt: envelope.attempt,
            worker: worker)
    }

    /// Returns the delivered message as a dead letter of this stage.
    func deadLetter(_ error: JobError) -> DeadLetter {
        DeadLetter(
            delivery.message, kind: .dead, place: stage.rawValue, error: error, envelope: envelope, worker: worker)
    }
}
