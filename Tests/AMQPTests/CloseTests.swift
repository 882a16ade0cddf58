import Foundation
import TestSupport
import Testing

@testable import AMQP

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct CloseTests {
    @Test func `closing waits for the publishes in flight`() async throws {
        try await withConnection { observer, vhost in
            try await observer.makeQueue("q")
            let connection = try makeConnection(to: vhost.url)
            try await connection.waitUntilOpen(timeout: .seconds(60))
            let codes = await withTaskGroup(of: AMQPError.Code?.self) { group in
                for number in 0..<5000 {
                    group.addTask { await errorCode { try await connection.send("\(number)", to: "q") } }
                }
                // Some are in flight, some are not handed over yet.
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

    @Test func `acks before the close count`() async throws {
        try await withConnection { observer, vhost in
            try await observer.makeQueue("q")
            try await observer.send((0..<100).map { String($0) }, to: "q")
            let connection = try makeConnection(to: vhost.url)
            for delivery in try await connection.subscribe(to: "q", prefetch: 100).read(60) { delivery.ack() }
            await connection.close()
            #expect(try await observer.status(of: "q") == QueueStatus(ready: 40, consumers: 0))
        }
    }

    @Test func `after the close everything says so and sequences end`() async throws {
        try await withVhost { vhost in
            let connection = try makeConnection(to: vhost.url)
            try await connection.makeQueue("q")
            try await connection.send(["1", "2"], to: "q")
            let subscription = try await connection.subscribe(to: "q", prefetch: 2)
            try await eventually("both are handed out") { try await connection.status(of: "q").ready == 0 }
            let changes = connection.statusChanges
            await connection.close()
            await connection.close()
            #expect(connection.status == .closed)
            #expect(await changes.reduce(into: []) { $0.append($1) }.last == .closed)
            #expect(await connection.statusChanges.reduce(into: []) { $0.append($1) } == [.closed])
            // What nobody read went back to the queue: it must not be worked on here.
            #expect(await subscription.makeAsyncIterator().next() == nil)
            #expect(await errorCode { try await connection.send("2", to: "q") } == .closed)
            #expect(await errorCode { _ = try await connection.status(of: "q") } == .closed)
            #expect(await errorCode { try await connection.waitUntilOpen(timeout: .seconds(1)) } == .closed)
        }
    }

    @Test func `a connection that never came about can be closed at once`() async throws {
        let connection = try makeConnection(to: "amqp://127.0.0.1:1")
        async let publish = errorCode { try await connection.send("1", to: "q") }
        try await eventually("it was tried") { connection.status.isDown }
        await connection.close()
        #expect(await publish == .closed)
    }

    @Test func `a closed connection leaves no thread and no socket`() async throws {
        try await withVhost { vhost in
            for number in 0..<3 {
                let connection = try makeConnection(to: vhost.url) { $0.name = "hdm-leak-\(number)" }
                try await connection.makeQueue("q")
                try await connection.send("1", to: "q")
                // Threads that others begin on it later bear its name, too.
                let thread = try await eventually("its thread is seen") { threads(named: "hdm-leak-\(number)").min() }
                await connection.close()
                try await eventually("its thread is gone") { !threads(named: "hdm-leak-\(number)").contains(thread) }
                try await eventually("the broker has no connection") { try await vhost.connectionNames().isEmpty }
            }
        }
    }

    /// Their ids, which grow.
    private func threads(named name: String) -> [Int] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return tasks.compactMap { Int($0) }.filter { task in
            let comm = try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)
            // The kernel keeps fifteen bytes of a name.
            return comm?.trimmingCharacters(in: .newlines) == String(name.prefix(15))
        }
    }
}
