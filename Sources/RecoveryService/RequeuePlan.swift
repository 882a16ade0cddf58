import AMQP
import Contracts
import Foundation
import ServiceKit

/// What is published to send a dead letter back to work.
struct RequeuePlan: Sendable {
    /// The same document, without the record of its death and with a fresh budget.
    let message: Message
    let key: String
    let event: JobEvent

    /// - Throws: ``SkippedDeadLetter`` when the message cannot be worked on again.
    init(_ delivery: Delivery, queue: String, worker: String) throws(SkippedDeadLetter) {
        guard let job = try? ContractCoding.decode(JobDocument.self, from: delivery.message.body) else {
            throw SkippedDeadLetter(id: DeadLetterRecord.id(of: delivery.message), reason: .invalidDocument)
        }
        let stage = Self.stage(of: delivery, queue: queue)
        var envelope = JobEnvelope(delivery)
        // A message that was moved between queues with other tools has started over already.
        if !(delivery.exchange.isEmpty && delivery.message.isMarkedDead) { envelope.startOver() }
        let hop = envelope.hop
        envelope.hop += 1
        message = Self.message(delivery.message, job, envelope)
        key = RoutingKey.requeue(stage, priority: Int(message.properties.priority ?? 0))
        event = JobEvent(
            .requeued, of: job, at: stage, state: .queued, hop: hop, requeues: envelope.requeues, attempt: 1,
            worker: worker)
    }

    /// Where it died. A document that broke the contract and has become valid begins at the first stage.
    static func stage(of delivery: Delivery, queue: String) -> Stage {
        Stage.allCases.first { QueueName.deadLetters($0) == queue } ?? .match
    }

    /// What belongs to the life that ended.
    private static let ownHeaders: Set<String> = [
        MessageHeader.attempt, MessageHeader.hop, MessageHeader.requeues, MessageHeader.redeliveries,
        MessageHeader.restarts, MessageHeader.notBefore, MessageHeader.worker,
    ]

    private static func message(_ dead: Message, _ job: JobDocument, _ envelope: JobEnvelope) -> Message {
        var message = dead
        var properties = dead.properties
        properties.headers = dead.properties.headers.filter { name, _ in
            !MessageHeader.isDeathRecord(name) && !ownHeaders.contains(name)
        }
        properties.headers.merge(envelope.headers) { _, new in new }
        properties.isPersistent = true
        properties.expiration = nil
        // The broker refuses a user other than the one that publishes.
        properties.userID = nil
        properties.priority = properties.priority ?? UInt8(clamping: job.priority)
        properties.type = properties.type ?? MessageType.job
        properties.contentType = properties.contentType ?? "application/json"
        properties.correlationID = properties.correlationID ?? job.jobID.text
        message.properties = properties
        return message
    }
}

extension JobEvent {
    /// What is told when a dead letter is dropped: the job stays one. `nil` when the message holds no job.
    init?(purging delivery: Delivery, from queue: String, worker: String) {
        guard let job = try? ContractCoding.decode(JobDocument.self, from: delivery.message.body) else { return nil }
        let envelope = JobEnvelope(delivery)
        self.init(
            .purged, of: job, at: RequeuePlan.stage(of: delivery, queue: queue), state: .deadLetter, hop: envelope.hop,
            requeues: envelope.requeues, attempt: envelope.attempt, worker: worker)
    }
}

extension Message {
    fileprivate var isMarkedDead: Bool { properties.headers.keys.contains(where: MessageHeader.isDeathRecord) }
}
