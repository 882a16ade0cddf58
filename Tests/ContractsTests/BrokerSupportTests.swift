import Contracts
import Foundation
import TestSupport
import Testing

/// The test support for brokers: a virtual host for each test, operations of an operator, a broker that can be killed.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct BrokerSupportTests {
    private struct Trouble: Error {}

    @Test func `a virtual host is deleted after the test, also when the test throws`() async throws {
        let broker = try TestBroker.shared()
        var names: [String] = []
        try await broker.withVhost { names.append($0.name) }
        await #expect(throws: Trouble.self) {
            try await broker.withVhost { vhost in
                names.append(vhost.name)
                throw Trouble()
            }
        }
        #expect(Set(names).count == 2)
        for name in names {
            #expect(try await broker.management.requestIfPresent("GET", ["vhosts", name]) == nil)
        }
    }

    @Test func `a message can be published, inspected, moved and consumed`() async throws {
        try await withVhost { vhost in
            for queue in ["from", "to"] { try await vhost.declareQueue(queue) }
            #expect(try await vhost.publish("{}", to: "", key: "nowhere") == false)
            let properties: [String: JSONValue] = ["message_id": "m1", "priority": 7]
            for _ in 0..<3 {
                #expect(
                    try await vhost.publish(
                        "ä", to: "", key: "from", properties: properties, headers: ["x-hdm-attempt": 2]))
            }
            let seen = try await vhost.peek("from")
            #expect(seen.count == 3)
            #expect(seen.first?.body == Data("ä".utf8))
            #expect(seen.first?.properties["message_id"] == "m1")
            #expect(seen.first?.headers["x-hdm-attempt"] == 2)
            try await vhost.moveMessages(from: "from", to: "to")
            #expect(try await vhost.removeMessages("from").isEmpty)
            let moved = try await vhost.removeMessages("to")
            #expect(moved.map(\.exchange) == ["", "", ""])
            #expect(moved.allSatisfy { $0.headers["x-hdm-attempt"] == 2 && $0.properties["priority"] == 7 })
            try await eventually("the queue is counted as empty") { try await vhost.depths() == ["from": 0, "to": 0] }
        }
    }

    @Test func `a private broker keeps confirmed messages over a kill and disappears afterwards`() async throws {
        var management: BrokerManagement?
        try await PrivateBroker.run { broker in
            management = broker.management
            try await broker.vhost.declareQueue("kept")
            try await broker.flushDeclarations()
            #expect(try await broker.vhost.publish("1", to: "", key: "kept"))
            try await broker.kill()
            await #expect(throws: (any Error).self) { try await broker.vhost.peek("kept") }
            try await broker.restart()
            #expect(try await broker.vhost.removeMessages("kept").map(\.body) == [Data("1".utf8)])
        }
        let gone = try #require(management)
        await #expect(throws: (any Error).self) { try await gone.request("GET", ["whoami"]) }
    }
}
