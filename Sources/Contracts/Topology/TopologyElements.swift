/// An argument of an exchange or a queue, such as `x-message-ttl`.
public enum TopologyArgument: Sendable, Equatable, Hashable, CustomStringConvertible {
    case string(String)
    case integer(Int64)

    public var description: String {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        }
    }
}

/// A durable exchange.
public struct ExchangeDeclaration: Sendable, Equatable {
    /// The exchange types that the topology uses (AMQP 0-9-1, section 3.1.3).
    public enum Kind: String, Sendable { case direct, topic, fanout }

    public var name: String
    public var kind: Kind
    public var arguments: [String: TopologyArgument] = [:]
}

/// A durable queue.
public struct QueueDeclaration: Sendable, Equatable {
    public var name: String
    public var arguments: [String: TopologyArgument] = [:]

    /// Whether it is a quorum queue.
    public var isQuorum: Bool { arguments["x-queue-type"] == .string(QueueType.quorum.rawValue) }
}

/// A binding: messages of `exchange` whose key matches `routingKey` go to `queue`.
public struct BindingDeclaration: Sendable, Equatable {
    public var exchange: String
    public var queue: String
    public var routingKey: String
}

/// The type of queues: `classic` on one host, `quorum` in a cluster. Retry tiers are quorum queues in both.
public enum QueueType: String, CaseIterable, Sendable { case classic, quorum }
