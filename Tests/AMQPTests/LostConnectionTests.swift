import Contracts
import Foundation
import TestSupport
import Testing

@testable import AMQP

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct LostConnectionTests {
    @Test func `publishes and deliveries continue after lost connections without a loss`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declareQueue("q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 50)
            let texts = Set((0..<20_000).map { String($0) })
            async let seen = readAll(texts, from: subscription)
            async let publishing: Void = connection.send(Array(texts), to: "q")
            for _ in 0..<3 { try await connection.loseConnection(of: vhost) }
            try await publishing
            #expect(try await seen == texts)
        }
    }

    @Test func `a late settlement of a delivery of a lost connection is dropped`() async throws {
        try await withConnection { connection, vhost in
            try await connection.declareQueue("q")
            try await connection.send("1", to: "q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 1)
            let late = try await subscription.read(1)[0]
            try await connection.loseConnection(of: vhost)
            let again = try await subscription.read(1)[0]
            #expect(again.redelivered)
            late.ack()
            try await connection.flush()
            again.nack(requeue: true)
            #expect(try await subscription.read(1)[0].text == "1")
        }
    }

    @Test func `the status reports the loss and the recovery of the connection`() async throws {
        try await withConnection { connection, vhost in
            try await connection.waitUntilOpen(timeout: .seconds(60))
            guard case .open(let version, nil) = connection.status else {
                Issue.record("the connection is not open: \(connection.status)")
                return
            }
            #expect(version.hasPrefix("3.") || version.hasPrefix("4."))
            let changes = connection.statusChanges
            let lost = Task {
                for await status in changes {
                    if case .down(let error) = status { return Optional(error) }
                }
                return nil
            }
            try await connection.loseConnection(of: vhost)
            #expect(await lost.value?.code == .connectionLost)
        }
    }

    @Test func `a subscription that is cancelled without a connection stays cancelled`() async throws {
        try await withVhost { vhost in
            let gate = try TCPGate(to: vhost.url)
            try await withConnection(to: gate.url) { connection in
                try await connection.declareQueue("q")
                let subscription = try await connection.subscribe(to: "q", prefetch: 5)
                gate.shut()
                try await eventually("the loss is detected") { !connection.status.isUsable }
                await subscription.cancel()
                try gate.open()
                try await connection.send("1", to: "q")
                try await eventually("no consumer holds the message") {
                    try await connection.status(of: "q") == QueueStatus(ready: 1, consumers: 0)
                }
            }
            gate.close()
        }
    }

    @Test func `a publish without a broker fails after its timeout`() async throws {
        try await withConnection(to: "amqp://127.0.0.1:1") { connection in
            let code = await errorCode {
                try await connection.publish(Message(body: Data()), to: "", key: "q", timeout: .milliseconds(300))
            }
            #expect(code == .timedOut)
        }
    }

    @Test func `an address without a server fails with couldNotConnect`() async throws {
        try await withConnection(to: "amqp://127.0.0.1:1") { connection in
            let error = await amqpError { try await connection.waitUntilOpen(timeout: .milliseconds(500)) }
            #expect(error?.code == .couldNotConnect)
            #expect(error?.message.contains("127.0.0.1:1") == true)
        }
    }

    @Test func `the next node is tried after one that does not respond`() async throws {
        try await withVhost { vhost in
            try await withConnection(to: "amqp://127.0.0.1:1,\(vhost.url)") { connection in
                try await connection.waitUntilOpen(timeout: .seconds(60))
            }
        }
    }

    @Test func `a wrong password and a wrong virtual host are refused with advice and without the password`()
        async throws
    {
        try await withVhost { vhost in
            let wrongPassword = vhost.url.replacing(":guest@", with: ":hunter2@")
            let wrongVhost = vhost.url.replacing("/\(vhost.name)", with: "/no-such-vhost")
            for url in [wrongPassword, wrongVhost] {
                #expect(url != vhost.url)
                try await withConnection(to: url) { connection in
                    let error = await amqpError { try await connection.waitUntilOpen(timeout: .seconds(2)) }
                    #expect(error?.code == .accessRefused)
                    #expect(error?.message.contains("HDM_AMQP_URL") == true)
                    #expect(error?.description.contains("hunter2") == false)
                }
            }
        }
    }

    @Test func `heartbeats are sent on an idle connection`() async throws {
        try await withVhost { vhost in
            try await withConnection(to: vhost.url) {
                $0.heartbeat = .seconds(1)
            } _: { connection in
                try await connection.waitUntilOpen(timeout: .seconds(60))
                let name = try await eventually("the management API lists the connection") {
                    try await vhost.connectionNames().first
                }
                // The broker closes the connection of a client that sends nothing for two seconds.
                let start = try await receivedBytes(name, vhost)
                try await eventually("five heartbeats of eight bytes arrived", timeout: .seconds(20)) {
                    try await receivedBytes(name, vhost) >= start + 40
                }
                #expect(try await vhost.connectionNames() == [name])
                #expect(connection.status.isUsable)
            }
        }
    }

    private func receivedBytes(_ connection: String, _ vhost: TestVhost) async throws -> Int64 {
        try await vhost.management.request("GET", ["connections", connection])["recv_oct"]?.integerValue ?? 0
    }

    private func readAll(_ texts: Set<String>, from subscription: Subscription) async throws -> Set<String> {
        var seen: Set<String> = []
        while seen.count < texts.count {
            let delivery = try await subscription.read(1, within: .seconds(30))[0]
            seen.insert(delivery.text)
            delivery.ack()
        }
        return seen
    }
}
