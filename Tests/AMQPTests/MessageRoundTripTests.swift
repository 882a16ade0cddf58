import AMQP
import Contracts
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct MessageRoundTripTests {
    @Test func `all properties are delivered unchanged`() async throws {
        try await withConnection { connection, _ in
            var properties = MessageProperties()
            properties.contentType = "application/json"
            properties.contentEncoding = "utf-8"
            properties.priority = 7
            properties.correlationID = "c"
            properties.replyTo = "r"
            properties.expiration = "60000"
            properties.messageID = "m"
            properties.timestamp = 1_700_000_000
            properties.type = "hdm.job.v1"
            properties.userID = "guest"
            properties.appID = "hdm"
            let received = try await roundTrip(properties, connection)
            #expect(received == properties)
        }
    }

    @Test func `headers of all types are delivered unchanged`() async throws {
        try await withConnection { connection, _ in
            var properties = MessageProperties()
            properties.messageID = "m"
            properties.headers = [
                "text": "ä🎵", "empty": "", "integer": .integer(.min), "big": .integer(.max), "double": .double(0.1),
                "yes": true, "no": false, "time": .timestamp(1_700_000_000), "bytes": .bytes([0, 255, 7]),
                "array": .array(["a", 1, .array([]), .table(["x": .void])]), "nothing": .void,
                "table": .table(["deep": .table(["deeper": .array([true])]), "none": .table([:])]),
            ]
            let received = try await roundTrip(properties, connection)
            #expect(received == properties)
        }
    }

    @Test func `a transient message is delivered as transient`() async throws {
        try await withConnection { connection, _ in
            var properties = MessageProperties()
            properties.messageID = "m"
            properties.isPersistent = false
            let received = try await roundTrip(properties, connection)
            #expect(received == properties)
        }
    }

    @Test func `a message without an id gets one`() async throws {
        try await withConnection { connection, _ in
            let id = try #require(try await roundTrip(MessageProperties(), connection).messageID)
            #expect(UUID(uuidString: id) != nil)
        }
    }

    @Test func `number types of other clients are decoded`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declareQueue("q")
            try await vhost.publish("", to: "", key: "q", headers: ["small": 3, "half": 0.5, "large": 5_000_000_000])
            let headers = try await connection.inspect("q") { try await $0.next() }?.message.properties.headers
            #expect(headers == ["small": 3, "half": .double(0.5), "large": 5_000_000_000])
        }
    }

    private func roundTrip(
        _ properties: MessageProperties, _ connection: AMQPConnection
    ) async throws -> MessageProperties {
        try await connection.declareQueue("q")
        try await connection.publish(Message(body: Data("b".utf8), properties: properties), to: "", key: "q")
        let delivery = try await connection.inspect("q") { try await $0.next() }
        return try #require(delivery).message.properties
    }
}
