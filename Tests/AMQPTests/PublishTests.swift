import Foundation
import TestSupport
import Testing

@testable import AMQP

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct PublishTests {
    @Test func `a confirmed message is in the queue`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            try await connection.send("1", to: "q")
            #expect(try await connection.status(of: "q") == QueueStatus(ready: 1, consumers: 0))
        }
    }

    @Test func `twenty thousand concurrent publishes are all confirmed`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            let texts = (0..<20_000).map { String($0) }
            try await connection.send(texts, to: "q")
            #expect(try await connection.status(of: "q").ready == texts.count)
            #expect(Set(try await connection.removeTexts(from: "q")).count == texts.count)
        }
    }

    @Test func `sequential publishes of one task keep their order`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            let texts = (0..<100).map { String($0) }
            for text in texts { try await connection.send(text, to: "q") }
            #expect(try await connection.removeTexts(from: "q") == texts)
        }
    }

    @Test func `a message without a bound queue fails with exchange and key in the error`() async throws {
        try await withConnection { connection, _ in
            try await connection.declare([.exchange("e", type: "direct")])
            let error = await amqpError { try await connection.publish(Message(body: Data()), to: "e", key: "nobody") }
            #expect(error?.code == .unroutable)
            #expect(error?.message.contains("nobody") == true)
            #expect(error?.message.contains("'e'") == true)
        }
    }

    @Test func `a missing exchange fails only its own publishes`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            let codes = try await withThrowingTaskGroup(of: AMQPError.Code?.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        await errorCode {
                            let isLost = number % 100 == 50
                            try await connection.publish(
                                Message(body: Data("\(number)".utf8)), to: isLost ? "nowhere" : "", key: "q")
                        }
                    }
                }
                return try await group.reduce(into: [AMQPError.Code?]()) { $0.append($1) }
            }
            #expect(codes.filter { $0 == .notFound }.count == 3)
            #expect(codes.filter { $0 == nil }.count == 297)
            #expect(Set(try await connection.removeTexts(from: "q")).count == 297)
        }
    }

    @Test func `publishes with the same message id get their own results`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            for _ in 0..<50 {
                async let arrives = errorCode { try await connection.send("1", to: "q", id: "same") }
                async let fails = errorCode { try await connection.send("1", to: "nobody", id: "same") }
                async let again = errorCode { try await connection.send("1", to: "q", id: "same") }
                #expect(await [arrives, fails, again] == [nil, .unroutable, nil])
            }
            #expect(try await connection.status(of: "q").ready == 100)
        }
    }

    @Test func `a publish to a full queue with reject-publish is refused`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q", arguments: ["x-max-length": 1, "x-overflow": "reject-publish"])
            try await connection.send("1", to: "q")
            let error = await amqpError { try await connection.send("2", to: "q") }
            #expect(error?.code == .refused)
            #expect(error?.isRetriable == true)
        }
    }

    @Test func `empty and large bodies are delivered unchanged`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            let bodies = [0, 1, 131_064, 131_065, 300_000, 3_000_000].map { size in
                Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) })
            }
            for body in bodies { try await connection.publish(Message(body: body), to: "", key: "q") }
            let received = try await connection.inspect("q") { inspection in
                var received: [Data] = []
                while let delivery = try await inspection.next() { received.append(delivery.message.body) }
                return received
            }
            #expect(received == bodies)
        }
    }

    @Test func `concurrent large publishes are confirmed`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            let body = Data(repeating: 7, count: 300_000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask { try await connection.publish(Message(body: body), to: "", key: "q") }
                }
                try await group.waitForAll()
            }
            #expect(try await connection.status(of: "q").ready == 200)
        }
    }

    @Test func `a message that cannot be encoded fails without an effect on others`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            let long = String(repeating: "k", count: 256)
            var wide = Message(body: Data())
            wide.properties.headers = ["big": .string(String(repeating: "h", count: 200_000))]
            var typed = Message(body: Data())
            typed.properties.type = long
            var named = Message(body: Data())
            named.properties.headers = ["outer": .table([long: 1])]
            let messages = [wide, typed, named]
            for message in messages {
                #expect(await errorCode { try await connection.publish(message, to: "", key: "q") } == .invalidMessage)
            }
            #expect(await errorCode { try await connection.send("1", to: long) } == .invalidMessage)
            try await connection.send("1", to: "q")
            #expect(try await connection.status(of: "q").ready == 1)
        }
    }

    @Test func `a cancelled task still gets the result of its publish`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            let publish = Task { try await connection.send("1", to: "q") }
            publish.cancel()
            try await publish.value
            #expect(try await connection.status(of: "q").ready == 1)
        }
    }
}
