import Foundation
import TestSupport
import Testing

@testable import AMQP

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct CloseTests {
    @Test func `close waits for the publishes in flight`() async throws {
        try await withConnection { observer, vhost in
            try await observer.declareQueue("q")
            let connection = try makeConnection(to: vhost.url)
            try await connection.waitUntilOpen(timeout: .seconds(60))
            let codes = await withTaskGroup(of: AMQPError.Code?.self) { group in
                for number in 0..<5000 {
                    group.addTask { await errorCode { try await connection.send("\(number)", to: "q") } }
                }
                // Some publishes are in flight, and some are not sent yet.
                var codes: [AMQPError.Code?] = [await group.next() ?? nil]
                await connection.close()
                for await code in group { codes.append(code) }
                return codes
            }
            #expect(codes.allSatisfy { $0 == nil || $0 == .closed })
            let arrived = try await observer.status(of: "q").ready
            #expect(arrived == codes.filter { $0 == nil }.count)
            #expect(arrived > 0)
        }
    }

    @Test func `acks before the close are sent`() async throws {
        try await withConnection { observer, vhost in
            try await observer.declareQueue("q")
            try await observer.send((0..<100).map { String($0) }, to: "q")
            let connection = try makeConnection(to: vhost.url)
            for delivery in try await connection.subscribe(to: "q", prefetch: 100).read(60) { delivery.ack() }
            await connection.close()
            #expect(try await observer.status(of: "q") == QueueStatus(ready: 40, consumers: 0))
        }
    }

    @Test func `after the close, calls fail and sequences end`() async throws {
        try await withVhost { vhost in
            let connection = try makeConnection(to: vhost.url)
            try await connection.declareQueue("q")
            try await connection.send(["1", "2"], to: "q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 2)
            try await eventually("both are delivered") { try await connection.status(of: "q").ready == 0 }
            let changes = connection.statusChanges
            await connection.close()
            await connection.close()
            #expect(connection.status == .closed)
            #expect(await changes.reduce(into: []) { $0.append($1) }.last == .closed)
            #expect(await connection.statusChanges.reduce(into: []) { $0.append($1) } == [.closed])
            // Deliveries that were not read were requeued, so that they must not be processed here.
            #expect(await subscription.makeAsyncIterator().next() == nil)
            #expect(await errorCode { try await connection.send("2", to: "q") } == .closed)
            #expect(await errorCode { _ = try await connection.status(of: "q") } == .closed)
            #expect(await errorCode { try await connection.waitUntilOpen(timeout: .seconds(1)) } == .closed)
        }
    }

    @Test func `a connection that was never open can be closed`() async throws {
        let connection = try makeConnection(to: "amqp://127.0.0.1:1")
        async let publish = errorCode { try await connection.send("1", to: "q") }
        try await eventually("the first attempt failed") { connection.status.isDown }
        await connection.close()
        #expect(await publish == .closed)
    }

    @Test func `a closed connection leaves no thread and no socket`() async throws {
        try await withVhost { vhost in
            for number in 0..<3 {
                let connection = try makeConnection(to: vhost.url) { $0.name = "hdm-leak-\(number)" }
                try await connection.declareQueue("q")
                try await connection.send("1", to: "q")
                // Threads that this thread starts inherit its name.
                let thread = try await eventually("the thread exists") { threads(named: "hdm-leak-\(number)").min() }
                await connection.close()
                try await eventually("the thread has ended") { !threads(named: "hdm-leak-\(number)").contains(thread) }
                try await eventually("the broker has no connection") { try await vhost.connectionNames().isEmpty }
            }
        }
    }

    /// Returns the ids of the threads with a name.
    private func threads(named name: String) -> [Int] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return tasks.compactMap { Int($0) }.filter { task in
            let comm = try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)
            // The kernel truncates names to fifteen bytes.
            return comm?.trimmingCharacters(in: .newlines) == String(name.prefix(15))
        }
    }
}
