import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

/// A worker that is not ready does not consume, and one that is told to stop begins nothing.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.howToGetOne)"))
struct WorkerReadinessTests {
    @Test func `Readiness gates the flow both ways, and what runs may finish`() async throws {
        let (ready, door) = (Switch(.failing("no disk")), Door())
        let handler = ScriptedHandler { job, _ in
            if job.track.title == "first" { try await door.pass() }
            return .done(job)
        }
        try await WorkerWorld.run(handler, environment: ["HDM_CONCURRENCY_MATCH": "1"], ready: ready) { world in
            try await world.publish(.sample("first"))
            try await eventually("the check was asked") {
                world.runtime.readiness.report().checks["switch"]?.reason == "no disk"
            }
            #expect(try await world.consumers("hdm.q.match") == 0)
            #expect(try await world.ready("hdm.q.match") == 1)
            ready.value = .ok
            await world.runtime.readiness.refresh()
            try await eventually("the handler runs") { handler.running == 1 }
            ready.value = .failing("no disk")
            await world.runtime.readiness.refresh()
            try await eventually("nobody consumes") { try await world.consumers("hdm.q.match") == 0 }
            try await world.publish(.sample("second"))
            door.open()
            try await world.waitForEvents(2)
            #expect(try await world.ready("hdm.q.match") == 1)
            #expect(handler.titles == ["first"])
            ready.value = .ok
            await world.runtime.readiness.refresh()
            try await world.waitForEvents(4)
        } check: { left in
            #expect(handler.titles == ["first", "second"])
            #expect(left.counts == ["hdm.q.download": 2, QueueName.gatewayEvents: 4])
        }
    }

    @Test func `A shutdown lets what runs finish and leaves the rest in the queue`() async throws {
        let door = Door()
        let handler = ScriptedHandler { job, _ in
            try await door.pass()
            return .done(job)
        }
        try await WorkerWorld.run(handler, environment: ["HDM_CONCURRENCY_MATCH": "1"]) { world in
            for title in ["a", "b", "c"] { try await world.publish(.sample(title)) }
            try await eventually("the handler runs") { handler.running == 1 }
            await world.stop()
            try await eventually("nobody consumes") { try await world.consumers("hdm.q.match") == 0 }
            door.open()
        } check: { left in
            #expect(handler.titles == ["a"])
            #expect(left.counts == ["hdm.q.download": 1, "hdm.q.match": 2, QueueName.gatewayEvents: 2])
            #expect(left["hdm.q.match"].map(\.job?.track.title) == ["b", "c"])
        }
    }

    @Test func `A handler that does not end within the grace time is cancelled and its job returns`() async throws {
        let handler = ScriptedHandler { job, _ in
            try await Door().pass()
            return .done(job)
        }
        let job = JobDocument.sample()
        try await WorkerWorld.run(handler, environment: ["HDM_SHUTDOWN_GRACE_S": "1"]) { world in
            try await world.publish(job)
            try await eventually("the handler runs") { handler.running == 1 }
        } check: { left in
            #expect(left.counts == ["hdm.q.match": 1, QueueName.gatewayEvents: 1])
            let back = try #require(left["hdm.q.match"].first)
            #expect(back.job == job)
            #expect(back.redelivered)
            #expect(back.headers[MessageHeader.attempt] == 1)
            #expect(left.events.map(\.name) == [.started])
            #expect(handler.running == 0)
        }
    }
}
