import AMQP
import Contracts
import ServiceKit

/// What is published to requeue a dead letter.
struct RequeuePlan: Sendable {
    /// The same document, without its death record and with a new budget.
    let message: Message
    let key: String
    let event: JobEvent

    /// - Throws: `SkippedDeadLetter` when the body is not a job document.
    init(_ delivery: Delivery, queue: String, messages: MessageBuilder) throws(SkippedDeadLetter) {
        guard let job = try? ContractCoding.decode(JobDocument.self, from: delivery.message.body) else {
            throw SkippedDeadLetter(id: DeadLetterRecord.id(of: delivery.message), reason: .invalidDocument)
        }
        let stage = Self.stage(of: queue)
        var envelope = JobEnvelope(delivery)
        // The envelope of a message that was moved in the management UI has a new budget already.
        if !(delivery.exchange.isEmpty && delivery.message.hasDeathRecord) { envelope.startOver() }
        let hop = envelope.hop
        envelope.hop += 1
        message = messages.requeue(delivery.message, job, envelope)
        key = RoutingKey.requeue(stage, priority: Int(message.properties.priority ?? 0))
        event = JobEvent(
            .requeued, of: job, at: stage, state: .queued, hop: hop, requeues: envelope.requeues, attempt: 1,
            worker: messages.instance)
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
        guard let job = try? ContractCoding.decode(JobDocument.self, from: delivery.message.body) else { return nil }
        let envelope = JobEnvelope(delivery)
        self.init(
            .purged, of: job, at: RequeuePlan.stage(of: queue), state: .deadLetter, hop: envelope.hop,
            requeues: envelope.requeues, attempt: envelope.attempt, worker: worker)
    }
}

extension Message {
    fileprivate var hasDeathRecord: Bool { properties.headers.keys.contains(where: MessageHeader.isDeathRecord) }
}
