import Contracts
import Foundation
import TestSupport
import Testing

/// The documents in `contracts/` agree with the types.
@Suite struct ContractDocumentTests {
    @Test func `asyncapi yaml names every exchange, queue and binding with its arguments`() async throws {
        let table = try #require(try await JSONSchemaCheck.yaml("contracts/asyncapi.yaml")["x-topology"])
        let topology = Topology()
        let exchanges: [JSONValue] = topology.exchanges.map {
            [
                "name": .string($0.name), "type": .string($0.kind.rawValue),
                "arguments": .object($0.arguments.mapValues(JSONValue.init)),
            ]
        }
        let queues: [JSONValue] = topology.queues.map {
            ["name": .string($0.name), "arguments": .object($0.arguments.mapValues(JSONValue.init))]
        }
        let bindings: [JSONValue] = topology.bindings.map {
            ["exchange": .string($0.exchange), "queue": .string($0.queue), "key": .string($0.routingKey)]
        }
        #expect(table["exchanges"] == .array(exchanges))
        #expect(table["queues"] == .array(queues))
        #expect(table["bindings"] == .array(bindings))
    }

    @Test func `asyncapi yaml names every message type and every event`() async throws {
        let document = try await JSONSchemaCheck.yaml("contracts/asyncapi.yaml")
        guard case .object(let messages)? = document["components"]?["messages"] else {
            Issue.record("no messages")
            return
        }
        let types = [
            MessageType.job, MessageType.submission, MessageType.submissionAnswer, MessageType.event,
            MessageType.progress, MessageType.budget, MessageType.budgetLock,
            MessageType.link, MessageType.expansion, MessageType.system,
        ]
        #expect(Set(messages.values.compactMap { $0["name"]?.stringValue }) == Set(types))
        let events = document["channels"]?["jobEvents"]?["parameters"]?["event"]?["enum"]
        #expect(events == .array(JobEvent.Name.allCases.map { .string($0.rawValue) }))
        let tiers = document["channels"]?["retries"]?["parameters"]?["tier"]?["enum"]
        #expect(tiers == .array(RetryTier.allCases.map { .string($0.rawValue) }))
    }

    @Test(arguments: ["contracts/openapi.yaml", "contracts/asyncapi.yaml"])
    func `every reference of a document has a target`(_ path: String) async throws {
        let document = try await JSONSchemaCheck.yaml(path)
        let references = document.members(named: "$ref").compactMap(\.stringValue)
        #expect(references.count > 30)
        for reference in Set(references) {
            let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let target = parts[0].isEmpty ? document : try Self.schema(parts[0])
            #expect(target.value(at: parts.count == 2 ? parts[1] : "") != nil, "\(reference)")
        }
    }

    @Test func `every operation of openapi yaml has a unique id and responses`() async throws {
        let document = try await JSONSchemaCheck.yaml("contracts/openapi.yaml")
        let names = document.members(named: "operationId").compactMap(\.stringValue)
        #expect(names.count == 61 && Set(names).count == names.count)
        #expect(document.members(named: "responses").count == names.count + 1)
        let codes = try Self.schema("schemas/error.schema.json").value(at: "/properties/error/properties/code/enum")
        #expect(codes == .array(APIErrorCode.allCases.map { .string($0.rawValue) }))
    }

    @Test func `every HTTP example fits its schema in openapi yaml`() async throws {
        let examples = try ContractExample.all(in: "contracts/examples/http")
        let instances = try examples.map { example in
            var instance = try example.instance
            instance.schema = "openapi.yaml#/components/schemas/\(example.schema)"
            return instance
        }
        let findings = try await JSONSchemaCheck.findings(in: instances)
        #expect(findings.count >= 22)
        for (name, found) in findings { #expect(found.isEmpty, "\(name)") }
    }

    @Test(arguments: [
        #"{"ids":["a"],"older_than":"2026-01-01T00:00:00Z"}"#, #"{"ids":["a"],"reason":"no_match"}"#, "{}",
        #"{"reason":"no_match"}"#, #"{"ids":[]}"#,
    ])
    func `a purge names either ids or an age`(_ text: String) async throws {
        let json = try ContractCoding.decode(JSONValue.self, from: Data(text.utf8))
        let schema = "openapi.yaml#/components/schemas/PurgeRequest"
        let findings = try await JSONSchemaCheck.findings(in: [.init("purge", schema: schema, json: json)])
        #expect(findings["purge"]?.isEmpty == false)
    }

    @Test func `log-events md lists the events of the program, in their order`() throws {
        let text = try String(contentsOfFile: PackageRoot.path("contracts/log-events.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `hdm.") }
        let cells = rows.map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
        #expect(cells.map { $0[0] } == LogEventName.allCases.map { "`\($0.rawValue)`" })
        #expect(cells.allSatisfy { $0.count >= 2 && !$0[1].isEmpty })
    }

    @Test func `the schema of dead letters' headers has the headers of HDM only`() throws {
        let schema = try Self.schema("schemas/dead-letter-headers.schema.json")
        guard case .object(let headers)? = schema["properties"] else {
            Issue.record("no properties")
            return
        }
        let known = [
            MessageHeader.attempt, MessageHeader.hop, MessageHeader.requeues, MessageHeader.redeliveries,
            MessageHeader.restarts, MessageHeader.deadReason, MessageHeader.deadError, MessageHeader.deadAt,
            MessageHeader.worker, MessageHeader.deadStage, MessageHeader.traceparent,
        ]
        #expect(Set(headers.keys) == Set(known))
    }

    private static func schema(_ path: String) throws -> JSONValue {
        let file = URL(fileURLWithPath: PackageRoot.path("contracts/\(path)"))
        return try ContractCoding.decode(JSONValue.self, from: Data(contentsOf: file))
    }
}

extension JSONValue {
    /// Returns the values of all members with a name, at any depth.
    fileprivate func members(named name: String) -> [JSONValue] {
        switch self {
        case .object(let members):
            members.flatMap { ($0 == name ? [$1] : []) + $1.members(named: name) }
        case .array(let items): items.flatMap { $0.members(named: name) }
        default: []
        }
    }

    /// Returns the value at a JSON Pointer (RFC 6901).
    fileprivate func value(at pointer: String) -> JSONValue? {
        pointer.split(separator: "/").reduce(self) { (value: JSONValue?, token: Substring) in
            value?[String(token).replacing("~1", with: "/").replacing("~0", with: "~")]
        }
    }
}
