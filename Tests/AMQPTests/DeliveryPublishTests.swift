import Foundation
import Synchronization
import TestSupport
import Testing

@testable import AMQP

/// Publishes that belong to a delivery.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct DeliveryPublishTests {
    private let message = Message(body: Data("result".utf8))

    @Test func `a publish for a held delivery arrives, and one for an ended delivery is not sent`() async throws {
        try await withDelivery { delivery, consuming, publishing, _ in
            try await publishing.publish(message, to: "", key: "results", for: delivery)
            #expect(
                await errorCode { try await publishing.publish(message, to: "", key: "none", for: delivery) }
                    == .unroutable)
            #expect(
                await errorCode { try await publishing.publish(message, to: "none", key: "", for: delivery) }
                    == .notFound)
            delivery.ack()
            #expect(
                await errorCode { try await publishing.publish(message, to: "", key: "results", for: delivery) }
                    == .staleDelivery)
            #expect(try await consuming.status(of: "results").ready == 1)
        }
    }

    @Test func `a publish outlives a lost connection and waits without a time limit`() async throws {
        try await withDelivery { delivery, consuming, _, vhost in
            let gate = try TCPGate(to: vhost.url)
            try await withConnection(to: gate.url) {
                $0.callTimeout = .seconds(1)
            } _: { publishing in
                try await publishing.waitUntilOpen(timeout: .seconds(20))
                gate.shut()
                try await eventually("the loss is detected") { publishing.status.isDown }
                async let published: Void = publishing.publish(message, to: "", key: "results", for: delivery)
                // A publish with a time limit, which begins later, has failed before the connection is open again.
                let limited = await errorCode {
                    try await publishing.publish(message, to: "", key: "results", timeout: .milliseconds(500))
                }
                #expect(limited == .timedOut)
                try gate.open()
                try await published
                #expect(delivery.isHeld)
                #expect(try await consuming.removeTexts(from: "results") == ["result"])
            }
            gate.close()
        }
    }

    @Test(arguments: [true, false])
    func `a waiting publish is withdrawn when its delivery ends`(byLoss: Bool) async throws {
        try await withDelivery { delivery, consuming, _, vhost in
            let gate = try TCPGate(to: vhost.url)
            try await withConnection(to: gate.url) { publishing in
                try await publishing.waitUntilOpen(timeout: .seconds(20))
                gate.shut()
                try await eventually("the loss is detected") { publishing.status.isDown }
                async let code = errorCode {
                    try await publishing.publish(message, to: "", key: "results", for: delivery)
                }
                if byLoss { try await vhost.deleteQueue("jobs") } else { delivery.nack(requeue: true) }
                #expect(await code == .staleDelivery)
                try gate.open()
                // A later publish of the same connection arrives alone.
                try await publishing.send("later", to: "results")
                #expect(try await consuming.removeTexts(from: "results") == ["later"])
            }
            gate.close()
        }
    }

    @Test func `a completed publish leaves no observer at its delivery`() async throws {
        try await withDelivery { delivery, _, publishing, _ in
            weak var weakened: Token?
            do {
                let token = Token()
                weakened = token
                delivery.onLoss { _ in _ = token }
                for _ in 0..<50 { try await publishing.publish(message, to: "", key: "results", for: delivery) }
                #expect(delivery.lease.observerCount == 1)
            }
            #expect(weakened != nil)
            delivery.ack()
            #expect(delivery.lease.observerCount == 0)
            #expect(weakened == nil)
        }
    }

    private final class Token: Sendable {}

    /// Runs a test with a delivery of the queue `jobs`, the connection that it arrived on, another connection, and the
    /// queue `results`.
    private func withDelivery(
        _ test: (Delivery, AMQPConnection, AMQPConnection, TestVhost) async throws -> Void
    ) async throws {
        try await withConnection { consuming, vhost in
            try await consuming.declareQueue("jobs")
            try await consuming.declareQueue("results")
            try await consuming.send("job", to: "jobs")
            let delivery = try await consuming.subscribe(to: "jobs", prefetch: 1).read(1)[0]
            try await withConnection(to: vhost.url) { try await test(delivery, consuming, $0, vhost) }
        }
    }
}

/// Publishes that belong to a delivery, during an alarm of a whole node.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct DeliveryPublishAlarmTests {
    @Test func `publishes for deliveries wait during a memory alarm, and those of lost deliveries are withdrawn`()
        async throws
    {
        try await BrokerNode.run { node, _ in
            try await withConnection(to: node.url) { consuming in
                for queue in ["kept", "lost", "results"] { try await consuming.declareQueue(queue) }
                try await consuming.send((0..<20).map { String($0) }, to: "kept")
                try await consuming.send((20..<40).map { String($0) }, to: "lost")
                let kept = try await consuming.subscribe(to: "kept", prefetch: 20).read(20)
                let lost = try await consuming.subscribe(to: "lost", prefetch: 20).read(20)
                try await withConnection(to: node.url) { publishing in
                    try await publishing.waitUntilOpen(timeout: .seconds(20))
                    let publishes = try await node.whileOutOfMemory {
                        // The broker announces the alarm to connections that publish.
                        _ = await errorCode {
                            try await publishing.publish(
                                Message(body: Data()), to: "", key: "results", timeout: .seconds(1))
                        }
                        try await eventually("the alarm is reported") { publishing.status.blocked != nil }
                        let publishes = (kept + lost).map { delivery in
                            Task {
                                await errorCode {
                                    try await publishing.publish(
                                        delivery.message, to: "", key: "results", for: delivery)
                                }
                            }
                        }
                        try await consuming.deleteQueue("lost")
                        for publish in publishes[20...] { #expect(await publish.value == .staleDelivery) }
                        return publishes
                    }
                    for publish in publishes[..<20] { #expect(await publish.value == nil) }
                    for delivery in kept { delivery.ack() }
                    let arrived = try await consuming.removeTexts(from: "results").filter { !$0.isEmpty }
                    #expect(arrived.compactMap { Int($0) }.sorted() == Array(0..<20))
                }
            }
        }
    }
}
