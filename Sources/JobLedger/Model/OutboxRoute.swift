public import Contracts

/// The exchange, routing key and type of a message in the outbox.
public struct OutboxRoute: Sendable, Equatable {
    public var exchange: String
    public var key: String
    /// The `type` property.
    public var type: String
    /// Texts and integers.
    public var headers: [String: JSONValue] = [:]

    /// A job that goes to a stage.
    static func job(_ job: JobDocument, to stage: Stage, _ step: JobStep) -> OutboxRoute {
        OutboxRoute(
            exchange: ExchangeName.jobs, key: RoutingKey.job(stage, priority: job.priority), type: MessageType.job,
            headers: step.headers)
    }

    /// A new job that goes to the match stage.
    static func newJob(priority: Int, traceparent: String?) -> OutboxRoute {
        OutboxRoute(
            exchange: ExchangeName.jobs, key: RoutingKey.job(.match, priority: priority), type: MessageType.job,
            headers: JobStep(traceparent: traceparent).headers)
    }

    static func event(_ event: JobEvent) -> OutboxRoute {
        OutboxRoute(exchange: ExchangeName.events, key: event.routingKey, type: MessageType.event)
    }

    /// A cancelled generation, whose marker file is written. It is no message and is not published.
    static let cancelMarker = OutboxRoute(exchange: "", key: "", type: "hdm.cancel-marker")

    /// The type of cancelled generations that an earlier version put into the outbox. It also published them.
    static let formerCancelType = "hdm.control.v1"

    /// A link that goes to the planner.
    static func link(traceparent: String?) -> OutboxRoute {
        OutboxRoute(
            exchange: "", key: QueueName.planner, type: MessageType.link,
            headers: traceparent.map { [MessageHeader.traceparent: .string($0)] } ?? [:])
    }

    /// The stage that a job goes to; `nil` for other messages.
    public var stage: Stage? {
        guard type == MessageType.job else { return nil }
        let words = key.split(separator: ".")
        return words.count > 1 ? Stage(rawValue: String(words[1])) : nil
    }
}
