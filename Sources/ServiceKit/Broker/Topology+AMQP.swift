public import AMQP
public import Contracts

extension Topology {
    /// The exchanges, queues and bindings, in an order in which they can be declared.
    public var declarations: [Declaration] {
        exchanges.map { .exchange($0.name, type: $0.kind.rawValue, arguments: FieldTable($0.arguments)) }
            + queues.map { .queue($0.name, arguments: FieldTable($0.arguments)) }
            + bindings.map { .binding(queue: $0.queue, exchange: $0.exchange, routingKey: $0.routingKey) }
    }
}

extension FieldTable {
    init(_ arguments: [String: TopologyArgument]) {
        self = arguments.mapValues { argument in
            switch argument {
            case .string(let text): .string(text)
            case .integer(let number): .integer(number)
            }
        }
    }
}
