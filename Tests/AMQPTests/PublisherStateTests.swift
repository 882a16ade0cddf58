import Foundation
import Synchronization
import Testing

@testable import AMQP

/// The transitions of publishes between backlog, flight and completion.
struct PublisherStateTests {
    private let results = Results()
    private static let frame = 131_072

    @Test func `publishes are sent in order up to the window size`() {
        var state = PublisherState(windowSize: 2)
        for key in ["a", "b", "c"] { state.enqueue(publish(key)) }
        #expect(send(&state) == ["a", "b"])
        state.confirm(1, multiple: false, refused: false)
        #expect(send(&state) == ["c"])
        #expect(results.codes == ["a": nil])
    }

    @Test func `a blocked broker gets no publishes`() {
        var state = PublisherState(windowSize: 2)
        state.enqueue(publish("a"))
        state.setBlocked("low on memory")
        #expect(send(&state).isEmpty)
        state.setBlocked(nil)
        #expect(send(&state) == ["a"])
    }

    @Test func `unconfirmed publishes are sent again after a lost connection, in their order and before later ones`() {
        var state = PublisherState(windowSize: 2)
        for key in ["a", "b", "c"] { state.enqueue(publish(key)) }
        _ = send(&state)
        state.setBlocked("low on memory")
        state.connectionLost()
        #expect(!state.isBlocked)
        #expect(send(&state) == ["a", "b"])
        #expect(state.count == 3)
    }

    @Test func `a full backlog fails further publishes except those of a delivery`() {
        var state = PublisherState(windowSize: 1, backlogLimit: 2 * 1024)
        let lease = DeliveryLease()
        for key in ["a", "b", "c"] { state.enqueue(publish(key)) }
        state.enqueue(publish("d", lease: lease))
        #expect(results.codes == ["c": .timedOut])
        #expect(send(&state) == ["a"])
        state.enqueue(publish("e"))
        state.confirm(1, multiple: false, refused: false)
        #expect(send(&state) == ["b"])
        state.confirm(2, multiple: false, refused: false)
        // Not sent: its delivery is over.
        lease.end(.settled)
        state.expire(at: .now)
        #expect(send(&state).isEmpty)
        #expect(results.codes == ["a": nil, "b": nil, "c": .timedOut, "d": .staleDelivery, "e": .timedOut])
    }

    @Test func `the publishes in flight of a lost delivery are withdrawn and the others stay`() {
        var state = PublisherState(windowSize: 10)
        let lease = DeliveryLease()
        state.enqueue(publish("a", lease: lease))
        state.enqueue(publish("b"))
        #expect(send(&state) == ["a", "b"])
        lease.end(.lost(.closed))
        state.expire(at: .now)
        state.connectionLost()
        #expect(send(&state) == ["b"])
        #expect(results.codes == ["a": .staleDelivery])
    }

    @Test func `a publish that no queue accepts is sent once more after its topology was healed`() {
        var state = PublisherState(windowSize: 10)
        state.destinations = DeclaredDestinations([.exchange("e", type: "topic")])
        for exchange in ["e", "foreign"] {
            let publish = publish("to \(exchange)", exchange: exchange)
            state.enqueue(publish)
            #expect(send(&state) == ["to \(exchange)"])
            state.markReturned(publish.identity, reason: "NO_ROUTE")
        }
        state.confirm(2, multiple: true, refused: false)
        #expect(results.codes == ["to foreign": .unroutable])
        #expect(state.needsHealing)
        state.resendUnrouted()
        #expect(send(&state) == ["to e"])
        state.markReturned(publish("to e").identity, reason: "NO_ROUTE")
        state.confirm(3, multiple: false, refused: false)
        #expect(!state.needsHealing)
        #expect(results.codes == ["to foreign": .unroutable, "to e": .unroutable])
        #expect(state.count == 0)
    }

    @Test func `a closed channel fails the publishes to the exchange in the error`() {
        var state = PublisherState(windowSize: 10)
        state.enqueue(publish("a", exchange: "missing"))
        state.enqueue(publish("b", exchange: "e"))
        _ = send(&state)
        state.channelClosed(AMQPError(.notFound, "NOT_FOUND - no exchange 'missing' in vhost '/'"))
        #expect(results.codes == ["a": .notFound])
        #expect(send(&state) == ["b"])
    }

    @Test func `a message that is larger than the broker's limit fails alone`() {
        var state = PublisherState(windowSize: 10)
        for (key, size) in [("a", 1), ("b", 20_000_000), ("c", 1)] { state.enqueue(publish(key, size: size)) }
        for key in ["a", "b"] { #expect(state.next(largestFrame: Self.frame)?.routingKey == key) }
        state.channelClosed(
            AMQPError(
                .preconditionFailed,
                "PRECONDITION_FAILED - message size 20000000 is larger than configured max size 16777216"))
        #expect(results.codes == ["b": .invalidMessage])
        #expect(send(&state) == ["a", "c"])
    }

    @Test func `a closed channel without a matching exchange fails all publishes in flight`() {
        var state = PublisherState(windowSize: 1)
        for key in ["a", "b"] { state.enqueue(publish(key)) }
        _ = send(&state)
        state.channelClosed(AMQPError(.preconditionFailed, "PRECONDITION_FAILED - invalid expiration"))
        #expect(results.codes == ["a": .refused])
        #expect(send(&state) == ["b"])
    }

    @Test func `a message that cannot be encoded fails and the next one is sent`() {
        var state = PublisherState(windowSize: 10)
        state.enqueue(publish(String(repeating: "k", count: 256)))
        state.enqueue(publish("b"))
        #expect(send(&state) == ["b"])
        #expect(results.codes.values.contains(.invalidMessage))
    }

    private func send(_ state: inout PublisherState) -> [String] {
        var keys: [String] = []
        while let publish = state.next(largestFrame: Self.frame) { keys.append(publish.routingKey) }
        return keys
    }

    private func publish(
        _ key: String, exchange: String = "e", lease: DeliveryLease? = nil, size: Int = 0
    ) -> PendingPublish {
        PendingPublish(
            message: Message(body: Data(count: size)), exchange: exchange, routingKey: key,
            deadline: .now + .seconds(600),
            lease: lease,
            completion: { [results] result in
                if case .failure(let error) = result {
                    results.record(key, error.code)
                } else {
                    results.record(key, nil)
                }
            })
    }

    /// The completed publishes with their error codes.
    private final class Results: Sendable {
        private let state = Mutex<[String: AMQPError.Code?]>([:])

        var codes: [String: AMQPError.Code?] { state.withLock { $0 } }

        func record(_ key: String, _ code: AMQPError.Code?) { state.withLock { $0[key] = .some(code) } }
    }
}
