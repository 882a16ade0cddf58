import Contracts
import Foundation
import TestSupport
import Testing

// Checks of messages against the contract.
extension ContractMessageTests {
    enum Correlation: String {
        case jobID = "job_id"
        case expansionID = "expansion_id"
    }

    /// - Parameter correlation: The member of the body that `correlation_id` contains; `nil` if the caller checks it.
    func expectProperties(
        of message: BrokerMessage, _ type: String, _ run: ContractRun, isPersistent: Bool = true,
        correlation: Correlation? = .jobID
    ) {
        let properties = message.properties
        let name = Comment(rawValue: "\(message.routingKey) \(properties)")
        #expect(properties["content_type"] == "application/json", name)
        #expect(properties["type"] == .string(type), name)
        #expect(properties["delivery_mode"] == (isPersistent ? 2 : 1), name)
        #expect(properties["message_id"]?.stringValue.flatMap { UUID(uuidString: $0) } != nil, name)
        let service = properties["app_id"]?.stringValue?.split(separator: "-").first.map(String.init)
        #expect(service.flatMap { ServiceName(rawValue: $0) } != nil, name)
        let sent = Double(properties["timestamp"]?.integerValue ?? 0)
        #expect(sent >= run.began.timeIntervalSince1970 - 1 && sent <= Date().timeIntervalSince1970 + 1, name)
        if let correlation {
            #expect(properties["correlation_id"] != nil, name)
            #expect(properties["correlation_id"] == message.json?[correlation.rawValue], name)
        }
        if type == MessageType.job { #expect(properties["priority"] == message.json?["priority"], name) }
    }

    func expect(_ messages: [BrokerMessage], fit schema: String) async throws {
        try await expect(messages, fit: schema) { try #require($0.json, "\($0.routingKey) has no JSON body") }
    }

    func expectHeaders(of messages: [BrokerMessage], fit schema: String) async throws {
        try await expect(messages, fit: schema) { .object($0.headers) }
    }

    func expect(
        _ messages: [BrokerMessage], fit schema: String, _ part: (BrokerMessage) throws -> JSONValue
    ) async throws {
        #expect(!messages.isEmpty)
        let instances = try messages.enumerated().map { index, message in
            JSONSchemaCheck.Instance("\(index) \(message.routingKey)", schema: schema, json: try part(message))
        }
        for (name, found) in try await JSONSchemaCheck.findings(in: instances) { #expect(found.isEmpty, "\(name)") }
    }
}

extension ContractRun {
    /// Returns the messages that services published on an exchange.
    func published(on exchange: String) -> [BrokerMessage] {
        let all = messages[exchange] ?? []
        return exchange == ExchangeName.deadLetters ? all : all.filter(\.isFromService)
    }
}

extension BrokerMessage {
    /// Returns the text of a header of HDM.
    func header(_ name: String) -> String { headers["x-hdm-\(name)"]?.stringValue ?? "" }
}
