import Contracts
import Foundation
import TestSupport
import Testing

/// The output of `hdm topology`, the file that RabbitMQ imports, and the topology on a broker.
@Suite struct ContractTopologyTests {
    @Test func `definitions.json is what the program exports`() async throws {
        let exported = try await ContractCommand.run("topology", "export")
        #expect(exported.status == 0)
        #expect(exported.output == (try Self.definitionsText()), "hdm topology export > \(Self.file)")
        #expect(exported.errors.isEmpty)
    }

    @Test func `topology print names every exchange, queue and binding`() async throws {
        let printed = try await ContractCommand.run("topology", "print")
        #expect(printed.status == 0)
        let lines = printed.output.split(separator: "\n")
        let topology = Topology()
        #expect(lines.count == topology.exchanges.count + topology.queues.count + topology.bindings.count)
        for exchange in topology.exchanges { #expect(lines.contains { $0.contains("  \(exchange.name)  ") }) }
        for queue in topology.queues {
            let line = try #require(lines.first { "\($0) ".hasPrefix("queue     \(queue.name) ") }, "\(queue.name)")
            for (name, value) in queue.arguments { #expect(line.contains("\(name)=\(value)")) }
        }
        for binding in topology.bindings {
            #expect(lines.contains("binding   \(binding.exchange) -> \(binding.queue)  '\(binding.routingKey)'"))
        }
    }

    static let file = "compose/rabbitmq/definitions.json"

    static func definitionsText() throws -> String {
        try String(contentsOfFile: PackageRoot.path(file), encoding: .utf8)
    }
}

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct ContractTopologyOnBrokerTests {
    @Test func `a vhost with the imported definitions passes topology check`() async throws {
        try await withVhost { vhost in
            try await vhost.importDefinitions(try ContractTopologyTests.definitionsText())
            let check = try await ContractCommand.run("topology", "check", settings: ["HDM_AMQP_URL": vhost.url])
            #expect(check.status == 0, "\(check.output)\(check.errors)")
            #expect(try await vhost.bindings() == Set(Topology().bindings.map(\.line)))
        }
    }

    @Test func `a vhost with the imported definitions for quorum queues passes topology check`() async throws {
        try await withVhost { vhost in
            let settings = ["HDM_AMQP_URL": vhost.url, "HDM_QUEUE_TYPE": "quorum"]
            let definitions = try await ContractCommand.run("topology", "export", settings: settings)
            try await vhost.importDefinitions(definitions.output)
            let check = try await ContractCommand.run("topology", "check", settings: settings)
            #expect(check.status == 0, "\(check.output)\(check.errors)")
            #expect(try await vhost.bindings() == Set(Topology(.quorum).bindings.map(\.line)))
        }
    }

    @Test func `topology check prints differing and missing queues, exits with 78 and changes nothing`() async throws {
        try await withVhost { vhost in
            try await vhost.importDefinitions(try ContractTopologyTests.definitionsText())
            try await vhost.management.request("DELETE", ["queues", vhost.name, "hdm.retry.5s"])
            try await vhost.management.request("DELETE", ["queues", vhost.name, "hdm.q.match"])
            try await vhost.declareQueue("hdm.q.match", ["x-max-priority": 5])

            let check = try await ContractCommand.run("topology", "check", settings: ["HDM_AMQP_URL": vhost.url])
            #expect(check.status == 78)
            let lines = check.output.split(separator: "\n")
            #expect(lines.count == 2, "\(check.output)")
            #expect(lines.contains { $0.hasPrefix("missing:") && $0.contains("hdm.retry.5s") })
            #expect(lines.contains { $0.hasPrefix("different:") && $0.contains("hdm.q.match") })
            #expect(try await vhost.queueNames().contains("hdm.retry.5s") == false)
        }
    }

    @Test func `a service exits with 78 and the queue's name if a queue has other arguments`() async throws {
        try await withVhost { vhost in
            try await vhost.declareQueue("hdm.q.tag", ["x-message-ttl": 1000])
            try await withTemporaryFolder { folder in
                let service = try await ContractCommand.run(
                    "tag",
                    settings: [
                        "HDM_AMQP_URL": vhost.url, "DOWNLOADS_DIR": folder.path, "HDM_HTTP_HOST": "127.0.0.1",
                        "HDM_HTTP_PORT": "0",
                    ])
                #expect(service.status == 78, "\(service.output)\(service.errors)")
                #expect(service.errors.contains("hdm.q.tag"))
                #expect(service.errors.contains("hdm topology check"))
            }
        }
    }

    @Test func `topology check exits with 69 if the broker rejects the password, and does not print it`() async throws {
        try await withVhost { vhost in
            let secret = "Not-The-Password-4711"
            let url = vhost.url.replacing(/\/\/[^@]*@/, with: "//guest:\(secret)@")
            let check = try await ContractCommand.run("topology", "check", settings: ["HDM_AMQP_URL": url])
            #expect(check.status == 69, "\(check.output)\(check.errors)")
            #expect(!check.errors.isEmpty)
            #expect(!(check.output + check.errors).contains(secret))
        }
    }
}

extension TestVhost {
    /// Imports definitions as the management UI does for one virtual host.
    func importDefinitions(_ text: String) async throws {
        let definitions = try ContractCoding.decode(JSONValue.self, from: Data(text.utf8))
        try await management.request("POST", ["definitions", name], body: definitions)
    }

    /// Declares a durable queue.
    func declareQueue(_ queue: String, _ arguments: [String: JSONValue] = [:]) async throws {
        let body: JSONValue = ["durable": true, "arguments": .object(arguments)]
        try await management.request("PUT", ["queues", name, queue], body: body)
    }

    /// Binds a queue to an exchange.
    func bind(_ queue: String, to exchange: String, _ key: String) async throws {
        try await management.request(
            "POST", ["bindings", name, "e", exchange, "q", queue], body: ["routing_key": .string(key)])
    }

    fileprivate func queueNames() async throws -> [String] {
        try await management.request("GET", ["queues", name]).elements.compactMap { $0["name"]?.stringValue }
    }

    /// Returns all bindings except those that the broker declares itself.
    fileprivate func bindings() async throws -> Set<String> {
        let all = try await management.request("GET", ["bindings", name]).elements
        return Set(
            all.compactMap { binding in
                guard let source = binding["source"]?.stringValue, !source.isEmpty,
                    let queue = binding["destination"]?.stringValue, let key = binding["routing_key"]?.stringValue
                else { return nil }
                return "\(source) -> \(queue) '\(key)'"
            })
    }
}

extension BindingDeclaration {
    fileprivate var line: String { "\(exchange) -> \(queue) '\(routingKey)'" }
}

extension JSONValue {
    /// The elements of a list; none for other values.
    var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }
    /// The members of an object; none for other values.
    var members: [String: JSONValue] { if case .object(let members) = self { members } else { [:] } }
}
