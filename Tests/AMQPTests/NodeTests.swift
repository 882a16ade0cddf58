import Foundation
import TestSupport
import Testing

@testable import AMQP

/// Restarts, alarms and freezes of a whole node.
@Suite(.serialized, .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct NodeTests {
    @Test func `declarations are repeated after a restart without data`() async throws {
        try await BrokerNode.run { node, _ in
            try await withConnection(to: node.url) { connection in
                try await connection.declare([
                    .exchange("e", type: "topic"), .queue("q"), .binding(queue: "q", exchange: "e", routingKey: "a.*"),
                ])
                let subscription = try await connection.subscribe(to: "q", prefetch: 1)
                try await node.kill()
                try await eventually("the loss is detected") { connection.status.isDown }
                async let published: Void = connection.publish(
                    Message(body: Data("1".utf8)), to: "e", key: "a.b", timeout: .seconds(120))
                try node.wipe()
                try await node.restart()
                try await published
                #expect(try await subscription.read(1, within: .seconds(60))[0].text == "1")
            }
        }
    }

    @Test func `during a memory alarm publishes wait and acks of another connection are sent`() async throws {
        try await BrokerNode.run { node, _ in
            let quick: (inout ConnectionConfiguration) -> Void = {
                $0.heartbeat = .seconds(1)
                $0.callTimeout = .seconds(1)
            }
            try await withConnection(to: node.url) { consuming in
                try await consuming.declareQueue("held")
                try await consuming.declareQueue("q")
                try await consuming.send((0..<10).map { String($0) }, to: "held")
                let held = try await consuming.subscribe(to: "held", prefetch: 10).read(10)
                // The stall limit of the connection `hasty` is three seconds.
                try await withConnection(to: node.url) { patient in
                    try await withConnection(to: node.url, quick) { hasty in
                        try await patient.waitUntilOpen(timeout: .seconds(20))
                        try await checkAlarm(node, held, patient, hasty)
                    }
                }
            }
        }
    }

    private func checkAlarm(
        _ node: BrokerNode, _ held: [Delivery], _ patient: AMQPConnection, _ hasty: AMQPConnection
    ) async throws {
        let small = Message(body: Data(count: 1000))
        // RabbitMQ 4 refuses more than 16 MiB.
        let huge = Message(body: Data(count: 16_000_000))
        let arrived = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await node.whileOutOfMemory {
                for _ in 0..<500 {
                    group.addTask {
                        try await patient.publish(small, to: "", key: "q", timeout: .seconds(120))
                        arrived.increment()
                    }
                }
                try await eventually("the alarm is reported") { patient.status.blocked != nil }
                #expect(!patient.status.isUsable)
                for delivery in held { delivery.ack() }
                try await eventually("the acks arrived") { try await node.vhost.depth(of: "held") == 0 }
                // Too large for the socket buffers: the thread hangs in the publish although heartbeats arrive.
                group.addTask { try await hasty.publish(huge, to: "", key: "q", timeout: .seconds(120)) }
                try await eventually("the stall watch closes the socket", timeout: .seconds(30)) { hasty.status.isDown }
                let third = try makeConnection(to: node.url)
                async let last = errorCode { try await third.publish(small, to: "", key: "q") }
                try await eventually("the third connection reports the alarm") { third.status.blocked != nil }
                await third.close()
                #expect(await last == .closed)
                // The broker stops reading after the first messages in its buffer.
                #expect(arrived.value < 500)
            }
            try await group.waitForAll()
        }
        #expect(arrived.value == 500)
        try await eventually("the alarm is over") { patient.status.isUsable }
    }

    @Test func `the connection to a frozen node is closed and no publish is lost after it continues`() async throws {
        try await BrokerNode.run { node, _ in
            try await withConnection(to: node.url) {
                $0.heartbeat = .seconds(1)
                $0.connectTimeout = .seconds(2)
            } _: { connection in
                try await connection.declareQueue("q")
                let megabyte = Message(body: Data(count: 1_000_000))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<50 {
                        group.addTask {
                            try await connection.publish(megabyte, to: "", key: "q", timeout: .seconds(120))
                        }
                    }
                    try await group.next()
                    try await node.whileFrozen {
                        try await eventually("the connection is closed", timeout: .seconds(20)) {
                            connection.status.isDown
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(try await connection.status(of: "q").ready >= 50)
            }
        }
    }

    @Test func `an idle connection detects a frozen node and recovers`() async throws {
        try await BrokerNode.run { node, _ in
            try await withConnection(to: node.url) {
                $0.heartbeat = .seconds(1)
                $0.connectTimeout = .seconds(2)
            } _: { connection in
                try await connection.declareQueue("q")
                let subscription = try await connection.subscribe(to: "q", prefetch: 1)
                try await node.whileFrozen {
                    try await eventually("the connection is closed", timeout: .seconds(20)) { connection.status.isDown }
                }
                try await connection.send("1", to: "q")
                #expect(try await subscription.read(1)[0].text == "1")
            }
        }
    }
}
