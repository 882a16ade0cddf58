import AMQP
import Foundation
import TestSupport
import Testing

/// The limits of a broker, on a node with low ones.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct BrokerLimitTests {
    @Test func `a delivery held for too long is lost and comes again, and a message that is too large fails alone`()
        async throws
    {
        try await BrokerNode.run { _ in
            "consumer_timeout = 1000\nmax_message_size = 100000\n"
        } advanced: {
            "[{rabbit, [{channel_tick_interval, 500}]}].\n"
        } _: { node, _ in
            try await withConnection(to: node.url) { connection in
                try await connection.declareQueue("q")
                try await checkTimeout(connection, node)
                try await checkSize(connection)
            }
        }
    }

    private func checkTimeout(_ connection: AMQPConnection, _ node: BrokerNode) async throws {
        try await connection.send(["1", "2"], to: "q")
        let subscription = try await connection.subscribe(to: "q", prefetch: 2)
        let held = try await subscription.read(2)
        let losses = Losses()
        for delivery in held { losses.observe(delivery) }
        try await eventually("both are lost", timeout: .seconds(30)) { losses.texts.count == 2 }
        #expect(held.map(\.isHeld) == [false, false])
        #expect(Set(losses.codes) == [.preconditionFailed])
        let again = try await subscription.read(2)
        #expect(again.map(\.redelivered) == [true, true])
        for delivery in again { delivery.ack() }
        await subscription.cancel()
        #expect(connection.status.isUsable)
        try await eventually("the queue is empty") { try await node.vhost.depth(of: "q") == 0 }
    }

    private func checkSize(_ connection: AMQPConnection) async throws {
        let sizes = (0..<100).map { $0 == 50 ? 100_001 : $0 == 51 ? 100_000 : $0 }
        let codes = await withTaskGroup(of: (Int, AMQPError.Code?).self) { group in
            for size in sizes {
                group.addTask {
                    let message = Message(body: Data(count: size))
                    return (size, await errorCode { try await connection.publish(message, to: "", key: "q") })
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(codes == [100_001: .invalidMessage])
        // Those before it on the closed channel can be there twice.
        #expect(try await connection.status(of: "q").ready >= 99)
    }
}
