import Contracts
import Foundation

/// The topology as a table for people and as definitions for a broker.
struct TopologyText {
    let topology: Topology

    init(_ topology: Topology) { self.topology = topology }

    /// A table for people.
    var table: String {
        let exchanges = topology.exchanges.map { "exchange  \($0.name)  \($0.kind.rawValue)\(arguments($0.arguments))" }
        let queues = topology.queues.map { "queue     \($0.name)\(arguments($0.arguments))" }
        let bindings = topology.bindings.map { "binding   \($0.exchange) -> \($0.queue)  '\($0.routingKey)'" }
        return (exchanges + queues + bindings).joined(separator: "\n")
    }

    /// RabbitMQ's definitions, as its management UI imports them.
    func definitions(vhost: String) throws -> String {
        let definitions: JSONValue = [
            "vhosts": [["name": .string(vhost)]],
            "exchanges": .array(topology.exchanges.map { exchange($0, vhost) }),
            "queues": .array(topology.queues.map { queue($0, vhost) }),
            "bindings": .array(topology.bindings.map { binding($0, vhost) }),
        ]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(definitions), as: UTF8.self)
    }

    private func exchange(_ exchange: ExchangeDeclaration, _ vhost: String) -> JSONValue {
        [
            "name": .string(exchange.name), "vhost": .string(vhost), "type": .string(exchange.kind.rawValue),
            "durable": true, "auto_delete": false, "internal": false, "arguments": json(exchange.arguments),
        ]
    }

    private func queue(_ queue: QueueDeclaration, _ vhost: String) -> JSONValue {
        [
            "name": .string(queue.name), "vhost": .string(vhost), "durable": true, "auto_delete": false,
            "arguments": json(queue.arguments),
        ]
    }

    private func binding(_ binding: BindingDeclaration, _ vhost: String) -> JSONValue {
        [
            "source": .string(binding.exchange), "vhost": .string(vhost), "destination": .string(binding.queue),
            "destination_type": "queue", "routing_key": .string(binding.routingKey), "arguments": [:],
        ]
    }

    private func json(_ arguments: [String: TopologyArgument]) -> JSONValue {
        .object(
            arguments.mapValues { argument in
                switch argument {
                case .string(let text): .string(text)
                case .integer(let number): .integer(number)
                }
            })
    }

    private func arguments(_ arguments: [String: TopologyArgument]) -> String {
        guard !arguments.isEmpty else { return "" }
        return "  " + arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}
