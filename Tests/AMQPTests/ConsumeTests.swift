import AMQP
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct ConsumeTests {
    @Test func `an ack makes the broker forget the message`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declareQueue("q")
            try await connection.send("1", to: "q")
            let delivery = try #require(try await connection.subscribe(to: "q", prefetch: 1).read(1).first)
            #expect(delivery.exchange == "")
            #expect(delivery.routingKey == "q")
            #expect(!delivery.redelivered)
            #expect(delivery.remaining == nil)
            delivery.ack()
            try await connection.flush()
            try await eventually("the queue is empty") { try await vhost.depth(of: "q") == 0 }
        }
    }

    @Test func `a returned message comes again and says so`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            try await connection.send("1", to: "q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 1)
            try await subscription.read(1)[0].nack(requeue: true)
            let again = try await subscription.read(1)[0]
            #expect(again.text == "1")
            #expect(again.redelivered)
        }
    }

    @Test func `a rejected message and one that is not requeued go to the dead-letter exchange`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("dead")
            try await connection.declareQueue(
                "q", arguments: ["x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"])
            try await connection.send(["1", "2"], to: "q")
            let read = try await connection.subscribe(to: "q", prefetch: 2).read(2)
            read[0].reject()
            read[1].nack(requeue: false)
            let dead = try await connection.subscribe(to: "dead", prefetch: 2).read(2)
            #expect(Set(dead.map(\.text)) == ["1", "2"])
            guard case .array(let deaths)? = dead[0].message.properties.headers["x-death"],
                case .table(let death)? = deaths.first
            else {
                Issue.record("no x-death")
                return
            }
            #expect(death["queue"] == "q")
            #expect(death["reason"] == "rejected")
        }
    }

    @Test func `the broker delivers no more than the prefetch count until a delivery is settled`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declareQueue("q")
            try await connection.send((0..<10).map { String($0) }, to: "q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 3)
            let held = try await subscription.read(3)
            try await eventually("seven are ready") { try await connection.status(of: "q").ready == 7 }
            held[0].ack()
            #expect(try await subscription.read(1).count == 1)
            try await eventually("six are ready") { try await connection.status(of: "q").ready == 6 }
        }
    }

    @Test func `messages with a higher priority are delivered first`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q", arguments: ["x-max-priority": 9])
            for priority: UInt8 in [2, 9, 4, 0, 6] {
                var message = Message(body: Data("\(priority)".utf8))
                message.properties.priority = priority
                try await connection.publish(message, to: "", key: "q")
            }
            let read = try await connection.subscribe(to: "q", prefetch: 5).read(5)
            #expect(read.map(\.text) == ["9", "6", "4", "2", "0"])
        }
    }

    @Test func `a subscription to a missing queue fails and leaves the connection usable`() async throws {
        try await withConnection { connection, _ in
            #expect(await errorCode { _ = try await connection.subscribe(to: "none", prefetch: 1) } == .notFound)
            try await connection.declareQueue("q")
            try await connection.send("1", to: "q")
            #expect(try await connection.subscribe(to: "q", prefetch: 1).read(1).count == 1)
        }
    }

    @Test func `a consumer of a deleted queue starts again after the queue was declared again`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            try await connection.declareQueue("other")
            try await connection.send(["1", "2"], to: "q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 1)
            let others = try await connection.subscribe(to: "other", prefetch: 1)
            let late = try await subscription.read(1)[0]
            try await connection.deleteQueue("q")
            // Waits until the consumer was refused at least once.
            try await eventually("the queue is deleted") {
                await errorCode { _ = try await connection.status(of: "q") } == .notFound
            }
            late.ack()
            try await connection.declareQueue("q")
            try await connection.send("3", to: "q")
            #expect(try await subscription.read(1)[0].text == "3")
            try await connection.send("4", to: "other")
            #expect(try await others.read(1)[0].text == "4")
            #expect(connection.status.isUsable)
        }
    }

    @Test func `several subscriptions of one connection receive their own messages`() async throws {
        try await withConnection { connection, _ in
            for queue in ["a", "b", "c"] {
                try await connection.declareQueue(queue)
                try await connection.send((0..<50).map { "\(queue)\($0)" }, to: queue)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for queue in ["a", "b", "c"] {
                    let subscription = try await connection.subscribe(to: queue, prefetch: 5)
                    group.addTask {
                        for _ in 0..<50 {
                            let delivery = try await subscription.read(1)[0]
                            #expect(delivery.text.hasPrefix(queue))
                            delivery.ack()
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `the sequence of a cancelled reader ends and another reader can continue`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 1)
            let reader = Task { await subscription.makeAsyncIterator().next() == nil }
            reader.cancel()
            #expect(await reader.value)
            try await connection.send("1", to: "q")
            #expect(try await subscription.read(1)[0].text == "1")
        }
    }

    @Test func `a reader that was cancelled before it reads receives no message`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            try await connection.send(["1", "2"], to: "q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 2)
            try await eventually("both are delivered") { try await connection.status(of: "q").ready == 0 }
            try await connection.flush()
            let reader = Task { () -> Int in
                while !Task.isCancelled { await Task.yield() }
                var count = 0
                for await _ in subscription { count += 1 }
                return count
            }
            reader.cancel()
            #expect(await reader.value == 0)
            #expect(try await subscription.read(2).count == 2)
        }
    }

    @Test func `a second settlement of a delivery has no effect on others`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            try await connection.send(["1", "2", "3"], to: "q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 2)
            let read = try await subscription.read(2)
            read[0].ack()
            read[0].ack()
            read[0].nack(requeue: true)
            let third = try await subscription.read(1)[0]
            #expect(!third.redelivered)
            read[1].ack()
            third.ack()
            await subscription.cancel()
            #expect(try await connection.status(of: "q").ready == 0)
        }
    }
}
