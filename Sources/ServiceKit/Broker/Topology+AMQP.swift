public import AMQP
public import Contracts

extension Topology {
    /// The exchanges, queues and bindings, in an order in which they can be declared.
    public var declarations: [Declaration] {
        exchanges.map(\.declaration) + queues.map(\.declaration) + bindings.map(\.declaration)
    }
}

extension ExchangeDeclaration {
    var declaration: Declaration { .exchange(name, type: kind.rawValue, arguments: FieldTable(arguments)) }
}

extension QueueDeclaration {
    var declaration: Declaration { .queue(name, arguments: FieldTable(arguments)) }
}

extension BindingDeclaration {
    var declaration: Declaration { .binding(queue: queue, exchange: exchange, routingKey: routingKey) }
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
