import AMQP
import Contracts
import Crypto
import Foundation
import ServiceKit

/// What is published to run a dead letter's job again.
struct RequeuePlan: Sendable {
    let job: JobDocument
    let key: String
    /// Identifies this requeue in the claim of the next generation. A repetition after a crash has the same one.
    let claimant: String
    private let stage: Stage
    /// The state of the job after the requeue.
    private let state: JobState
    private let dead: Message
    /// The counters of the next run, except for its generation.
    private let envelope: JobEnvelope
    private let messages: MessageBuilder

    /// The generation of the dead letter.
    let generation: Int

    /// Plans a requeue by an operator, with a new budget of attempts.
    /// - Throws: `SkippedDeadLetter` when the body is not a job document.
    init(_ routed: RoutedMessage, queue: String, messages: MessageBuilder) throws(SkippedDeadLetter) {
        guard let job = (try? JobBody(routed.message.body))?.document else {
            throw SkippedDeadLetter(id: DeadLetterRecord.id(of: routed.message), reason: .invalidDocument)
        }
        let stage = Self.stage(of: queue)
        let priority = Int(routed.message.properties.priority ?? UInt8(clamping: job.priority))
        let key = RoutingKey.requeue(stage, priority: priority)
        self.init(routed, job, stage, .queued, key: key, messages) { $0.startOver() }
    }

    /// Plans the return of a job that no queue took: it goes on where it was.
    init(returning routed: RoutedMessage, _ job: JobDocument, to place: UnroutedJob, messages: MessageBuilder) {
        self.init(routed, job, place.stage, place.state, key: place.routingKey, messages) { _ in }
    }

    private init(
        _ routed: RoutedMessage, _ job: JobDocument, _ stage: Stage, _ state: JobState, key: String,
        _ messages: MessageBuilder, _ change: (inout JobEnvelope) -> Void
    ) {
        var envelope = JobEnvelope(routed.message.properties.headers)
        generation = envelope.requeues
        change(&envelope)
        envelope.hop += 1
        self.envelope = envelope
        self.job = job
        self.stage = stage
        self.state = state
        self.key = key
        self.messages = messages
        dead = routed.message
        claimant = Self.claimant(DeadLetterRecord.id(of: routed.message), job.jobID, generation)
    }

    /// Returns the same document, without its death record.
    func message(as generation: Int) -> Message {
        var envelope = envelope
        envelope.requeues = generation
        return messages.requeue(dead, job, envelope)
    }

    func event(as generation: Int) -> JobEvent {
        JobEvent(
            .requeued, of: job, at: stage, state: state, hop: envelope.hop - 1, requeues: generation,
            attempt: envelope.attempt, worker: messages.instance)
    }

    /// Returns what identifies the requeue of a dead letter. Message ids may have any characters and length.
    static func claimant(_ id: String, _ job: JobID, _ generation: Int) -> String {
        let digest = SHA256.hash(data: Data("\(id)\n\(job)".utf8)).prefix(16).map { String(format: "%02x", $0) }
        return "recovery \(digest.joined()).\(generation)"
    }

    /// Returns the stage that a dead-letter queue belongs to. A document of `hdm.dlq.invalid` begins at the first stage.
    static func stage(of queue: String) -> Stage {
        Stage.allCases.first { QueueName.deadLetters($0) == queue } ?? .match
    }
}

extension JobEvent {
    /// Creates the event for a purged dead letter. The job's state stays `dead_letter`.
    /// - Returns: `nil` when the message holds no job.
    init?(purging delivery: Delivery, from queue: String, worker: String) {
        guard let job = (try? JobBody(delivery.message.body))?.document else { return nil }
        self.init(
            .purged, of: job, at: RequeuePlan.stage(of: queue), state: .deadLetter,
            JobEnvelope(delivery.message.properties.headers), worker)
    }
}
