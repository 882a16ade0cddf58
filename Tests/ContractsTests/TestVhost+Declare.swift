import Contracts
import TestSupport

extension TestVhost {
    /// Declares a durable queue through the management API.
    func declareQueue(_ queue: String, _ arguments: [String: JSONValue] = [:]) async throws {
        let body: JSONValue = ["durable": true, "arguments": .object(arguments)]
        try await management.request("PUT", ["queues", name, queue], body: body)
    }

    /// Declares a whole topology through the management API.
    func declare(_ topology: Topology) async throws {
        for exchange in topology.exchanges {
            let body: JSONValue = [
                "type": .string(exchange.kind.rawValue), "durable": true,
                "arguments": .object(exchange.arguments.mapValues(JSONValue.init)),
            ]
            try await management.request("PUT", ["exchanges", name, exchange.name], body: body)
        }
        for queue in topology.queues {
            try await declareQueue(queue.name, queue.arguments.mapValues(JSONValue.init))
        }
        for binding in topology.bindings {
            try await management.request(
                "POST", ["bindings", name, "e", binding.exchange, "q", binding.queue],
                body: ["routing_key": .string(binding.routingKey)])
        }
    }
}

extension JSONValue {
    init(_ argument: TopologyArgument) {
        switch argument {
        case .string(let text): self = .string(text)
        case .integer(let number): self = .integer(number)
        }
    }
}
