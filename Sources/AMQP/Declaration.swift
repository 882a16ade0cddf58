/// Something the broker is asked to have: an exchange, a queue or a binding. Always durable.
public enum Declaration: Sendable, Equatable {
    case exchange(String, type: String, arguments: FieldTable = [:])
    case queue(String, arguments: FieldTable = [:])
    case binding(queue: String, exchange: String, routingKey: String)

    /// What it is called in messages to people.
    public var label: String {
        switch self {
        case .exchange(let name, _, _): "exchange \(name)"
        case .queue(let name, _): "queue \(name)"
        case .binding(let queue, let exchange, let key): "binding of \(queue) to \(exchange) by '\(key)'"
        }
    }
}

/// What a queue holds at this moment (AMQP 0-9-1, queue.declare-ok).
public struct QueueStatus: Sendable, Equatable {
    /// Messages ready to be delivered; those that consumers hold are not counted.
    public let ready: Int
    public let consumers: Int
}
