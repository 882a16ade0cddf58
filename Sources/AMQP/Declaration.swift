/// A durable exchange, queue or binding that should exist on the broker.
public enum Declaration: Sendable, Equatable {
    case exchange(String, type: String, arguments: FieldTable = [:])
    case queue(String, arguments: FieldTable = [:])
    case binding(queue: String, exchange: String, routingKey: String)

    /// The name for error and log messages.
    public var label: String {
        switch self {
        case .exchange(let name, _, _): "exchange \(name)"
        case .queue(let name, _): "queue \(name)"
        case .binding(let queue, let exchange, let key): "binding of \(queue) to \(exchange) by '\(key)'"
        }
    }
}

/// The state of a queue at one moment (AMQP 0-9-1, queue.declare-ok).
public struct QueueStatus: Sendable, Equatable {
    /// The number of messages that are ready for delivery, without those that consumers hold.
    public let ready: Int
    public let consumers: Int
}
