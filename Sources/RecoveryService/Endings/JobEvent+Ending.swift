import Contracts
import Foundation
import ServiceKit

extension JobEvent {
    /// Creates the event of an ending that no service published. A repetition has the same id.
    /// - Returns: `nil` when a service published it, or when the message belongs to no job.
    init?(ending record: DeadLetterRecord, _ routed: RoutedMessage, worker: String) {
        let body = routed.message.body
        let document = (try? JobBody(body))?.document
        let unrouted = UnroutedJob(exchange: routed.exchange, routingKey: routed.routingKey)
        let stage: Stage
        switch record.cause {
        case .service: return nil
        case .unrouted: stage = unrouted?.stage ?? .match
        case .broker, .contract:
            guard let place = Self.stage(of: record.stage) else { return nil }
            stage = place
        }
        // A key without a stage can carry any message, so that only a document counts there.
        let isJobRoute = record.cause != .unrouted || unrouted != nil
        let unreadable =
            isJobRoute ? UnreadableJob(body: body, correlationID: routed.message.properties.correlationID) : nil
        guard let job = document ?? unreadable?.document else { return nil }
        let returns = record.cause == .unrouted && unrouted != nil && document != nil
        let envelope = JobEnvelope(routed.message.properties.headers)
        self.init(
            returns ? .waiting : .deadLettered, of: job, at: stage, state: returns ? .waiting : .deadLetter, envelope,
            worker)
        // No stage has seen a job of another program, so that this is its first event.
        if envelope.isForeign, document != nil { self.document = body }
        code = record.cause == .contract || document == nil ? .invalidPayload : .internalError
        message = Self.text(record, returns: returns).prefix(utf8: JobError.longestMessage)
        if returns { wait = Wait(Wait.Reason(rawValue: DeathRecord.unroutable)) }
    }

    /// Creates the event of a job that is not returned to its queue any more.
    init?(givingUp record: DeadLetterRecord, _ routed: RoutedMessage, returns: Int, worker: String) {
        guard let job = (try? JobBody(routed.message.body))?.document,
            let place = UnroutedJob(exchange: routed.exchange, routingKey: routed.routingKey)
        else { return nil }
        self.init(
            .deadLettered, of: job, at: place.stage, state: .deadLetter,
            JobEnvelope(routed.message.properties.headers), worker)
        code = .internalError
        message = "\(record.error); it was returned \(returns) times; check the bindings and requeue \(record.id)"
            .prefix(utf8: JobError.longestMessage)
    }

    init(
        _ name: Name, of job: JobDocument, at stage: Stage, state: JobState, _ envelope: JobEnvelope, _ worker: String
    ) {
        self.init(
            name, of: job, at: stage, state: state, hop: envelope.hop, requeues: envelope.requeues,
            attempt: envelope.attempt, worker: worker)
    }

    /// A review is a step of the match stage. Other places do not hold jobs.
    private static func stage(of place: String?) -> Stage? {
        place.flatMap { Stage(rawValue: $0) ?? ($0 == "review" ? .match : nil) }
    }

    private static func text(_ record: DeadLetterRecord, returns: Bool) -> String {
        switch record.cause {
        case .unrouted where returns: "\(record.error); it returns to its queue as soon as that exists"
        case .contract: "the document violates the contract: \(record.error)"
        case .broker, .unrouted, .service: record.error
        }
    }
}
