import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

/// A worker that is not ready does not consume, and one that stops starts no handler.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct WorkerReadinessTests {
    @Test func `Consumption stops and resumes with readiness, and running handlers finish`() async throws {
        let (ready, door) = (Switch(.failing("no disk")), Door())
        let handler = ScriptedHandler { job, _ in
            if job.track.title == "first" { try await door.pass() }
            return .completed(job)
        }
        try await WorkerFixture.run(handler, environment: ["HDM_CONCURRENCY_MATCH": "1"], ready: ready) { fixture in
            try await fixture.publish(.sample("first"))
            try await eventually("the check was asked") {
                fixture.runtime.readiness.report().checks["switch"]?.reason == "no disk"
            }
            #expect(try await fixture.consumers("hdm.q.match") == 0)
            #expect(try await fixture.ready("hdm.q.match") == 1)
            ready.value = .ok
            await fixture.runtime.readiness.refresh()
            try await eventually("the handler runs") { handler.running == 1 }
            ready.value = .failing("no disk")
            await fixture.runtime.readiness.refresh()
            try await eventually("there are no consumers") { try await fixture.consumers("hdm.q.match") == 0 }
            try await fixture.publish(.sample("second"))
            door.open()
            try await fixture.waitForEvents(1)
            #expect(try await fixture.ready("hdm.q.match") == 1)
            #expect(handler.titles == ["first"])
            ready.value = .ok
            await fixture.runtime.readiness.refresh()
            try await fixture.waitForEvents(2)
        } check: { left in
            #expect(handler.titles == ["first", "second"])
            #expect(left.counts == ["hdm.q.download": 2, QueueName.gatewayEvents: 2])
        }
    }

    @Test func `A shutdown lets running handlers finish and leaves other messages in the queue`() async throws {
        let door = Door()
        let handler = ScriptedHandler { job, _ in
            try await door.pass()
            return .completed(job)
        }
        try await WorkerFixture.run(handler, environment: ["HDM_CONCURRENCY_MATCH": "1"]) { fixture in
            for title in ["a", "b", "c"] { try await fixture.publish(.sample(title)) }
            try await eventually("the handler runs") { handler.running == 1 }
            await fixture.stop()
            try await eventually("there are no consumers") { try await fixture.consumers("hdm.q.match") == 0 }
            door.open()
        } check: { left in
            #expect(handler.titles == ["a"])
            #expect(left.counts == ["hdm.q.download": 1, "hdm.q.match": 2, QueueName.gatewayEvents: 1])
            #expect(left["hdm.q.match"].map(\.job?.track.title) == ["b", "c"])
        }
    }

    @Test func `A handler that does not end within the grace time is cancelled and its job returns`() async throws {
        let handler = ScriptedHandler { job, _ in
            try await Door().pass()
            return .completed(job)
        }
        let job = JobDocument.sample()
        try await WorkerFixture.run(handler, environment: ["HDM_SHUTDOWN_GRACE_S": "1"]) { fixture in
            try await fixture.publish(job)
            try await eventually("the handler runs") { handler.running == 1 }
        } check: { left in
            #expect(left.counts == ["hdm.q.match": 1])
            let back = try #require(left["hdm.q.match"].first)
            #expect(back.job == job)
            #expect(back.redelivered)
            #expect(back.headers[MessageHeader.attempt] == 1)
            #expect(left.events.map(\.name) == [.started])
            #expect(handler.running == 0)
        }
    }
}
