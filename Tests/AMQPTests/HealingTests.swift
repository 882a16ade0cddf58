import Foundation
import TestSupport
import Testing

@testable import AMQP

/// Declared exchanges, queues and bindings that another client deletes.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct HealingTests {
    private let topology: [Declaration] = [
        .exchange("e", type: "topic", arguments: ["alternate-exchange": "unrouted"]),
        .exchange("unrouted", type: "fanout"), .queue("q", arguments: ["x-max-priority": 9]), .queue("other"),
        .binding(queue: "q", exchange: "e", routingKey: "a.#"),
        .binding(queue: "other", exchange: "unrouted", routingKey: ""),
    ]

    @Test func `a deleted queue with a consumer is declared again with its bindings`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declare(topology)
            let healed = connection.healed
            let subscription = try await connection.subscribe(to: "q", prefetch: 1)
            try await vhost.deleteQueue("q")
            #expect(await healed.first { _ in true } == ["queue q"])
            try await connection.publish(Message(body: Data("1".utf8)), to: "e", key: "a.b")
            #expect(try await subscription.read(1)[0].text == "1")
            let comparison = try await connection.compare(topology[2])
            #expect(comparison == .asDeclared)
        }
    }

    @Test func `unread deliveries of a deleted queue are read, because only this process has them`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declare(topology)
            let healed = connection.healed
            let subscription = try await connection.subscribe(to: "q", prefetch: 5)
            try await connection.send((0..<5).map { String($0) }, to: "q")
            let first = try await subscription.read(1)
            try await eventually("all are delivered") { try await connection.status(of: "q").ready == 0 }
            try await vhost.deleteQueue("q")
            #expect(await healed.first { _ in true } == ["queue q"])
            let deliveries = try await first + subscription.read(4)
            #expect(deliveries.map(\.text).sorted() == ["0", "1", "2", "3", "4"])
            #expect(deliveries.allSatisfy { $0.mayBeGone && !$0.isHeld })
        }
    }

    @Test func `a consumer of a missing declared queue declares it`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declare(topology)
            try await vhost.deleteQueue("q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 1)
            try await vhost.deleteQueue("other")
            let second = try await connection.subscribe(to: "other", prefetch: 1, paused: true)
            try await second.resume()
            try await connection.send("1", to: "q")
            #expect(try await subscription.read(1)[0].text == "1")
        }
    }

    @Test func `publishes to a deleted queue or exchange arrive after the connection declared it again`() async throws {
        try await withConnection { observer, vhost in
            try await observer.declare(topology)
            try await withConnection(to: vhost.url) { connection in
                try await connection.declare(topology)
                try await vhost.deleteQueue("q")
                try await connection.send((0..<50).map { String($0) }, to: "q")
                #expect(try await observer.removeTexts(from: "q").count == 50)
                try await vhost.deleteExchange("e")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<50 {
                        group.addTask {
                            try await connection.publish(Message(body: Data("\(number)".utf8)), to: "e", key: "a.b")
                        }
                    }
                    try await group.waitForAll()
                }
                let arrived = try await observer.removeTexts(from: "q").compactMap { Int($0) }
                #expect(arrived.sorted() == Array(0..<50))
            }
        }
    }

    @Test func `a wrong key fails as unroutable after one more attempt, and a foreign destination immediately`()
        async throws
    {
        try await withConnection { connection, _ in
            try await connection.declare([.exchange("e", type: "direct")])
            let codes = await withTaskGroup(of: AMQPError.Code?.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        await errorCode { try await connection.publish(Message(body: Data()), to: "e", key: "none") }
                    }
                    group.addTask { await errorCode { try await connection.send("1", to: "nobody") } }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes == Array(repeating: .unroutable, count: 40))
        }
    }

    @Test func `heal declares what is missing, returns its labels, and restores bindings`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declare(topology)
            #expect(try await connection.heal().isEmpty)
            try await vhost.deleteQueue("other")
            try await vhost.deleteExchange("e")
            #expect(try await connection.heal() == ["exchange e", "queue other"])
            // The bindings of both are back: the key of the second has no other way than the alternate exchange.
            try await connection.publish(Message(body: Data()), to: "e", key: "a.b")
            try await connection.publish(Message(body: Data()), to: "e", key: "b")
            #expect(
                try await connection.status(of: ["q", "other", "none"])
                    == ["q": QueueStatus(ready: 1, consumers: 0), "other": QueueStatus(ready: 1, consumers: 0)])
            try await connection.unbind(queue: "q", exchange: "e", routingKey: "a.#")
            #expect(try await connection.heal().isEmpty)
            try await connection.publish(Message(body: Data()), to: "e", key: "a.b")
            #expect(try await connection.status(of: "other").ready == 2)
        }
    }

    @Test func `a declaration with other arguments is reported and does not stop the rest`() async throws {
        try await withConnection { observer, vhost in
            try await withConnection(to: vhost.url) { connection in
                try await connection.declare(topology)
                let subscription = try await connection.subscribe(to: "other", prefetch: 1)
                await connection.suspendHealing()
                for queue in ["q", "other"] { try await vhost.deleteQueue(queue) }
                try await observer.declareQueue("q", arguments: ["x-max-priority": 5])
                await connection.resumeHealing()
                let error = await amqpError { _ = try await connection.heal() }
                #expect(error?.code == .preconditionFailed)
                #expect(error?.message.contains("queue q") == true)
                #expect(error?.message.contains("x-max-priority") == true)
                // The connection opens although the declaration is refused.
                try await connection.loseConnection(of: vhost)
                try await connection.send("1", to: "other")
                #expect(try await subscription.read(1)[0].text == "1")
            }
        }
    }

    @Test func `nothing is declared again while healing is suspended`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declare(topology)
            let subscription = try await connection.subscribe(to: "q", prefetch: 1)
            await connection.suspendHealing()
            try await vhost.deleteQueue("q")
            try await vhost.deleteQueue("other")
            #expect(try await connection.heal().isEmpty)
            #expect(await errorCode { try await connection.send("1", to: "other") } == .unroutable)
            try await connection.loseConnection(of: vhost)
            #expect(try await connection.status(of: ["q", "other"]).isEmpty)
            await connection.resumeHealing()
            try await connection.send("1", to: "other")
            // One healing declares everything, and the consumer of the other queue continues.
            try await connection.send("2", to: "q")
            #expect(try await subscription.read(1)[0].text == "2")
        }
    }

    @Test func `a queue that the connection itself deletes stays deleted`() async throws {
        try await withConnection { connection, _ in
            try await connection.declare(topology)
            try await connection.deleteQueue("q")
            try await connection.deleteExchange("e")
            try await connection.deleteExchange("e")
            #expect(try await connection.heal().isEmpty)
            #expect(try await connection.compare(topology[0]) == .missing)
            #expect(try await connection.compare(topology[2]) == .missing)
            try await connection.declareQueue("q", arguments: ["x-max-priority": 5])
            try await connection.bind(queue: "q", exchange: "unrouted", routingKey: "")
            try await connection.publish(Message(body: Data()), to: "unrouted", key: "any")
            #expect(try await connection.status(of: "q").ready == 1)
            #expect(try await connection.heal().isEmpty)
        }
    }
}
