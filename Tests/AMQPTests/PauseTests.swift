import TestSupport
import Testing

@testable import AMQP

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct PauseTests {
    @Test func `a pause requeues unread deliveries and keeps read ones valid`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declareQueue("q")
            try await connection.send((0..<10).map { String($0) }, to: "q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 5)
            let read = try await subscription.read(1)[0]
            try await eventually("five are delivered") { try await connection.status(of: "q").ready == 5 }
            try await subscription.pause()
            try await eventually("nine are ready") {
                try await connection.status(of: "q") == QueueStatus(ready: 9, consumers: 0)
            }
            read.ack()
            try await connection.flush()
            try await subscription.resume()
            let others = try await subscription.read(5)
            #expect(!others.map(\.text).contains(read.text))
            for delivery in others { delivery.ack() }
            for delivery in try await subscription.read(4) { delivery.ack() }
            try await connection.flush()
            try await eventually("each was processed once") { try await vhost.depth(of: "q") == 0 }
        }
    }

    @Test func `a subscription that begins paused receives nothing before it is resumed`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 1, paused: true)
            #expect(try await connection.status(of: "q").consumers == 0)
            try await connection.send("1", to: "q")
            try await subscription.resume()
            #expect(try await subscription.read(1)[0].text == "1")
        }
    }

    @Test func `a pause continues after a reconnection`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declareQueue("q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 1)
            try await subscription.pause()
            try await connection.loseConnection(of: vhost)
            #expect(try await connection.status(of: "q").consumers == 0)
            try await subscription.resume()
            #expect(try await connection.status(of: "q").consumers == 1)
        }
    }

    @Test func `pauses and resumes among many messages lose and repeat nothing`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declareQueue("q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 20)
            let texts = Set((0..<3000).map { String($0) })
            async let publishing: Void = connection.send(Array(texts), to: "q")
            async let reading = { () -> [String] in
                var seen: [String] = []
                while seen.count < texts.count {
                    let delivery = try await subscription.read(1)[0]
                    seen.append(delivery.text)
                    delivery.ack()
                }
                return seen
            }()
            for _ in 0..<40 {
                try await subscription.pause()
                try await subscription.resume()
            }
            try await publishing
            let seen = try await reading
            #expect(seen.count == texts.count)
            #expect(Set(seen) == texts)
            try await connection.flush()
            try await eventually("the queue is empty") { try await vhost.depth(of: "q") == 0 }
        }
    }

    @Test func `a pause returns an unread delivery once, which a quorum queue counts`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue(
                "q", arguments: ["x-queue-type": "quorum", "x-delivery-limit": 1_000_000])
            try await connection.send("1", to: "q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 1)
            for _ in 0..<20 {
                try await eventually("the message is delivered") { subscription.buffer.count == 1 }
                try await subscription.pause()
                try await subscription.resume()
            }
            let delivery = try await subscription.read(1)[0]
            #expect(delivery.message.properties.headers["x-delivery-count"]?.integerValue == 20)
        }
    }

    @Test func `a cancelled subscription ends and requeues unread deliveries`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            try await connection.send(["1", "2", "3"], to: "q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 3)
            let read = try await subscription.read(1)[0]
            await subscription.cancel()
            #expect(await subscription.makeAsyncIterator().next() == nil)
            try await eventually("two are ready") { try await connection.status(of: "q").ready == 2 }
            read.ack()
            try await connection.flush()
            #expect(try await connection.status(of: "q") == QueueStatus(ready: 2, consumers: 0))
        }
    }

    @Test func `cancelled subscriptions free their channels`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            for _ in 0..<2100 { try await connection.subscribe(to: "q", prefetch: 1).cancel() }
            try await connection.send("1", to: "q")
            #expect(try await connection.subscribe(to: "q", prefetch: 1).read(1)[0].text == "1")
        }
    }
}
