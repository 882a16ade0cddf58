import Contracts
import Foundation
import TestSupport

/// Queues that receive a copy of each message that the services publish to an exchange.
struct ContractSpies: Sendable {
    static let replies = "spy.replies"
    private static let bindings = [
        (ExchangeName.jobs, "#"), (ExchangeName.retry, "#"), (ExchangeName.deadLetters, "#"),
        (ExchangeName.events, "#"), (ExchangeName.intake, QueueName.submitKey),
    ]

    let vhost: TestVhost

    /// Imports the definitions of the topology and declares the spies.
    init(in vhost: TestVhost) async throws {
        self.vhost = vhost
        try await vhost.importDefinitions(try ContractTopologyTests.definitionsText())
        for (exchange, key) in Self.bindings {
            try await vhost.declareQueue("spy." + exchange)
            try await vhost.bind("spy." + exchange, to: exchange, key)
        }
        try await vhost.declareQueue(Self.replies)
    }

    /// Removes and returns all messages, by exchange. The replies are under ``replies``.
    func messages() async throws -> [String: [BrokerMessage]] {
        var found = [Self.replies: try await vhost.removeMessages(Self.replies, count: 10_000)]
        for (exchange, _) in Self.bindings {
            found[exchange] = try await vhost.removeMessages("spy." + exchange, count: 10_000)
        }
        return found
    }
}

extension BrokerMessage {
    /// The `app_id` of messages that a test publishes.
    static let testAppID = "contract-test"

    var isFromService: Bool { properties["app_id"]?.stringValue != Self.testAppID }

    /// The body as JSON; `nil` if it is not JSON.
    var json: JSONValue? { try? ContractCoding.decode(JSONValue.self, from: body) }
}
