import Contracts
import Foundation
import TestSupport

/// Queues of a stranger that get a copy of every message that the services publish.
struct ContractSpies: Sendable {
    static let answers = "spy.answers"
    private static let bindings = [
        (ExchangeName.jobs, "#"), (ExchangeName.retry, "#"), (ExchangeName.deadLetters, "#"),
        (ExchangeName.events, "#"), (ExchangeName.intake, QueueName.submitKey),
    ]

    let vhost: TestVhost

    /// Declares the topology as an operator does who imports the definitions, and the spies beside it.
    init(in vhost: TestVhost) async throws {
        self.vhost = vhost
        try await vhost.importDefinitions(try ContractTopologyTests.definitionsText())
        for (exchange, key) in Self.bindings {
            try await vhost.declareQueue("spy." + exchange)
            try await vhost.bind("spy." + exchange, to: exchange, key)
        }
        try await vhost.declareQueue(Self.answers)
    }

    /// All that was published so far, by exchange; what came to `reply_to` under ``answers``.
    func messages() async throws -> [String: [BrokerMessage]] {
        var found = [Self.answers: try await vhost.removeMessages(Self.answers, count: 10_000)]
        for (exchange, _) in Self.bindings { found[exchange] = try await vhost.removeMessages("spy." + exchange, count: 10_000) }
        return found
    }
}

extension BrokerMessage {
    /// Marks what a test published, not a service.
    static let testAppID = "contract-test"

    var isFromService: Bool { properties["app_id"]?.stringValue != Self.testAppID }

    /// The body as JSON; `nil` when it is none.
    var json: JSONValue? { try? ContractCoding.decode(JSONValue.self, from: body) }
}
