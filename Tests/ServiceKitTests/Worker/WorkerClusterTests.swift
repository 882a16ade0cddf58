import AMQP
import Contracts
import Foundation
import TestSupport
import Testing

@testable import ServiceKit

/// Quorum queues, of which each stage has three, one for each priority class.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct WorkerClusterTests {
    private static let environment = ["HDM_QUEUE_TYPE": "quorum", "HDM_CONCURRENCY_MATCH": "1"]
    private static let classes = ["hdm.q.match.hi", "hdm.q.match", "hdm.q.match.lo"]

    /// A handler that waits during the job "first".
    private func handler(_ door: Door) -> ScriptedHandler {
        ScriptedHandler { job, _ in
            if job.track.title == "first" { try await door.pass() }
            return .completed(job)
        }
    }

    /// Publishes two jobs to each class queue while the only slot is in use.
    private func fill(_ fixture: WorkerFixture, _ handler: ScriptedHandler) async throws {
        try await fixture.publish(.sample("first"))
        try await eventually("the handler runs", timeout: .seconds(30)) { handler.running == 1 }
        for (title, priority) in [("low", 0), ("middle", 5), ("high", 9)] {
            for _ in 0..<2 { try await fixture.publish(.sample(title, priority: priority)) }
        }
        // The running job came from the middle queue.
        try await eventually("each class has handed out one") {
            var left: [Int] = []
            for queue in Self.classes { left.append(try await fixture.ready(queue)) }
            return left == [1, 2, 1]
        }
    }

    @Test func `All three class queues are consumed, the highest class first`() async throws {
        let door = Door()
        let handler = handler(door)
        try await WorkerFixture.run(handler, environment: Self.environment) { fixture in
            try await fill(fixture, handler)
            door.open()
            try await fixture.waitForEvents(7, timeout: .seconds(30))
        } check: { left in
            #expect(handler.mostRunning == 1)
            #expect(handler.titles.prefix(2) == ["first", "high"])
            #expect(handler.titles.sorted() == ["first", "high", "high", "low", "low", "middle", "middle"])
            let last = handler.titles.lastIndex(of: "high") ?? .max
            #expect(last < (handler.titles.lastIndex(of: "low") ?? 0))
            #expect(
                left.counts == [
                    "hdm.q.download.hi": 2, "hdm.q.download": 3, "hdm.q.download.lo": 2, QueueName.gatewayEvents: 7,
                ])
        }
    }

    @Test func `A delivery that waits for a slot when readiness is lost returns to its queue`() async throws {
        let (ready, door) = (Switch(), Door())
        let handler = handler(door)
        try await WorkerFixture.run(handler, environment: Self.environment, ready: ready) { fixture in
            try await fill(fixture, handler)
            ready.value = .failing("no disk")
            await fixture.runtime.readiness.refresh()
            door.open()
            try await eventually("all but the running one are back") {
                var left: [Int] = []
                for queue in Self.classes { left.append(try await fixture.ready(queue)) }
                return left == [2, 2, 2]
            }
            #expect(handler.titles == ["first"])
            ready.value = .ok
            await fixture.runtime.readiness.refresh()
            try await fixture.waitForEvents(7, timeout: .seconds(30))
        } check: { left in
            #expect(handler.calls.count == 7)
            #expect(left.counts.filter { $0.key.hasPrefix("hdm.q.match") } == [:])
        }
    }

    @Test func `A delivery that waits for a slot at a shutdown returns to its queue`() async throws {
        let door = Door()
        let handler = handler(door)
        try await WorkerFixture.run(handler, environment: Self.environment) { fixture in
            try await fill(fixture, handler)
            await fixture.stop()
            try await eventually("the worker is stopping") { fixture.worker.isStopping.withLock { $0 } }
            door.open()
        } check: { left in
            #expect(handler.titles == ["first"])
            #expect(Self.classes.map { left[$0].count } == [2, 2, 2])
            #expect(left["hdm.q.download"].count == 1)
        }
    }
}
