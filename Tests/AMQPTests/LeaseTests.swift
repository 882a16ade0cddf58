import Contracts
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import AMQP

/// Deliveries that are lost before they are settled.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct LeaseTests {
    @Test func `each delivery of a lost connection is lost once and none that was settled`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declareQueue("q")
            try await connection.send((0..<2000).map { String($0) }, to: "q")
            let deliveries = try await connection.subscribe(to: "q", prefetch: 2000).read(2000)
            let losses = Losses()
            for delivery in deliveries { losses.observe(delivery) }
            for delivery in deliveries[..<500] { delivery.ack() }
            try await connection.flush()
            #expect(deliveries.map(\.isHeld) == (0..<2000).map { $0 >= 500 })
            try await connection.loseConnection(of: vhost)
            let lost = deliveries[500...].map(\.text).sorted()
            try await eventually("each is lost") { losses.texts.count >= lost.count }
            #expect(losses.texts.sorted() == lost)
            #expect(Set(losses.codes) == [.connectionLost])
            for delivery in deliveries { delivery.ack() }
            #expect(deliveries.allSatisfy { !$0.isHeld })
            #expect(losses.texts.count == lost.count)
        }
    }

    @Test func `a deleted queue loses its deliveries and not those of other queues`() async throws {
        try await withConnection { connection, vhost in
            for queue in ["a", "b"] {
                try await connection.declareQueue(queue)
                try await connection.send("of \(queue)", to: queue)
            }
            let lost = try await connection.subscribe(to: "a", prefetch: 1).read(1)[0]
            let kept = try await connection.subscribe(to: "b", prefetch: 1).read(1)[0]
            let losses = Losses()
            losses.observe(lost)
            losses.observe(kept)
            try await vhost.deleteQueue("a")
            try await eventually("one is lost") { losses.texts == ["of a"] }
            #expect(!lost.isHeld)
            #expect(kept.isHeld)
            // Registered after the loss.
            losses.observe(lost)
            try await eventually("it is reported again") { losses.texts == ["of a", "of a"] }
        }
    }

    @Test func `a pause and a cancellation keep what was read and return the rest`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            try await connection.send((0..<6).map { String($0) }, to: "q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 4)
            let first = try await subscription.read(1)[0]
            let losses = Losses()
            losses.observe(first)
            try await subscription.pause()
            #expect(first.isHeld)
            try await subscription.resume()
            let second = try await subscription.read(1)[0]
            losses.observe(second)
            await subscription.cancel()
            #expect(first.isHeld && second.isHeld)
            first.ack()
            second.ack()
            try await connection.flush()
            try await eventually("four are ready") {
                try await connection.status(of: "q") == QueueStatus(ready: 4, consumers: 0)
            }
            #expect(losses.texts.isEmpty)
        }
    }

    @Test func `the close of a connection loses its deliveries`() async throws {
        try await withConnection { observer, vhost in
            try await observer.declareQueue("q")
            try await observer.send(["1", "2"], to: "q")
            let connection = try makeConnection(to: vhost.url)
            let deliveries = try await connection.subscribe(to: "q", prefetch: 2).read(2)
            let losses = Losses()
            for delivery in deliveries { losses.observe(delivery) }
            deliveries[0].ack()
            await connection.close()
            try await eventually("one is lost") { losses.codes == [.closed] }
            #expect(losses.texts == [deliveries[1].text])
            #expect(try await observer.status(of: "q").ready == 1)
        }
    }

    @Test func `the end of an inspection loses what it did not settle`() async throws {
        try await withConnection { connection, _ in
            try await connection.declareQueue("q")
            try await connection.send("1", to: "q")
            let delivery = try await connection.inspect("q") { inspection in
                let delivery = try #require(try await inspection.next())
                #expect(delivery.isHeld)
                return delivery
            }
            #expect(!delivery.isHeld)
        }
    }

    @Test func `an observer that blocks does not block the connection`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declareQueue("q")
            try await connection.send("1", to: "q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 1)
            let delivery = try await subscription.read(1)[0]
            let (began, release) = (Counter(), DispatchSemaphore(value: 0))
            delivery.onLoss { _ in
                began.increment()
                release.wait()
            }
            try await connection.loseConnection(of: vhost)
            try await eventually("the observer runs") { began.value == 1 }
            try await subscription.read(1)[0].ack()
            try await connection.send("2", to: "q")
            #expect(try await subscription.read(1)[0].text == "2")
            release.signal()
        }
    }
}

/// What observers of deliveries received.
final class Losses: Sendable {
    private let state = Mutex<[(text: String, error: AMQPError)]>([])

    var texts: [String] { state.withLock { $0.map(\.text) } }
    var codes: [AMQPError.Code] { state.withLock { $0.map(\.error.code) } }

    func observe(_ delivery: Delivery) {
        let text = delivery.text
        delivery.onLoss { [self] error in state.withLock { $0.append((text, error)) } }
    }
}
