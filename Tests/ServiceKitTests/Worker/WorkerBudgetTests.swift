import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

/// The retry budget in the headers of a job.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct WorkerBudgetTests {
    @Test func `The last attempt makes the job a dead letter that names the last error`()
        async throws
    {
        let handler = ScriptedHandler { _, _ in .retry(JobError(.providerUnavailable, "busy")) }
        try await WorkerFixture.run(handler) { fixture in
            var envelope = JobEnvelope()
            envelope.attempt = 3
            try await fixture.publish(.sample(), envelope)
            try await fixture.waitForEvents(1)
        } check: { left in
            #expect(left.counts == ["hdm.dlq.match": 1, QueueName.recovery: 1, QueueName.gatewayEvents: 1])
            let headers = try #require(left["hdm.dlq.match"].first).headers
            #expect(headers[MessageHeader.deadReason] == "retry_exhausted")
            #expect(
                headers[MessageHeader.deadError]
                    == "gave up after 3 attempts; the last failed with provider_unavailable: busy")
            #expect(headers[MessageHeader.attempt] == 3)
            #expect(left.events.map(\.name) == [.deadLettered])
            #expect(left.events.last?.code == .retryExhausted)
        }
    }

    @Test func `A job returns from its retry queue to its stage as the next attempt`() async throws {
        let handler = ScriptedHandler { job, context in
            if context.attempt == 1 { throw JobError(.timeout, "slow") }
            return .completed(job)
        }
        try await WorkerFixture.run(handler, environment: ["RETRY_BASE_SECONDS": "0"]) { fixture in
            try await fixture.publish(.sample())
            try await fixture.waitForEvents(2)
        } check: { left in
            #expect(handler.calls.map(\.attempt) == [1, 2])
            #expect(left.counts == ["hdm.q.download": 1, QueueName.gatewayEvents: 2])
            #expect(left["hdm.q.download"].first?.headers[MessageHeader.attempt] == 1)
            #expect(left["hdm.q.download"].first?.headers[MessageHeader.hop] == 2)
            #expect(left.events.map(\.name) == [.retry, .completed])
            #expect(left.events.map(\.sequence) == [1, 3])
        }
    }

    @Test func `Restarts at an earlier stage have a budget of their own`() async throws {
        let handler = ScriptedHandler(.tag) { job, _ in
            .retry(JobError(.internalError, "the file is gone"), from: .download)
        }
        try await WorkerFixture.run(handler) { fixture in
            var fresh = JobEnvelope()
            fresh.attempt = 3
            fresh.restarts = 1
            try await fixture.publish(.sample("again"), fresh)
            var spent = JobEnvelope()
            spent.restarts = 2
            try await fixture.publish(.sample("spent"), spent)
            try await fixture.waitForEvents(2)
        } check: { left in
            // The second restart with a base of an hour: two hours.
            #expect(
                left.counts
                    == ["hdm.retry.6h": 1, "hdm.dlq.tag": 1, QueueName.recovery: 1, QueueName.gatewayEvents: 2])
            let again = try #require(left["hdm.retry.6h"].first)
            #expect(again.job?.track.title == "again")
            #expect(again.routingKey == "t6h.download")
            #expect(again.headers[MessageHeader.attempt] == 1)
            #expect(again.headers[MessageHeader.restarts] == 2)
            let spent = try #require(left["hdm.dlq.tag"].first)
            #expect(spent.job?.track.title == "spent")
            #expect(spent.headers[MessageHeader.deadReason] == "retry_exhausted")
            #expect(left.events(of: "again") == [.retry])
        }
    }

    @Test func `A restart after a long pause waits until it is due`() async throws {
        let handler = ScriptedHandler(.tag) { _, _ in
            .retry(JobError(.internalError, "gone"), after: .seconds(40_000), from: .download)
        }
        try await WorkerFixture.run(handler) { fixture in
            try await fixture.publish(.sample())
            try await fixture.waitForEvents(1)
        } check: { left in
            let due = left["hdm.retry.6h"].first?.headers[MessageHeader.notBefore]?.stringValue.flatMap {
                Timestamp($0)
            }
            let pause = try #require(due).since(.now) / .seconds(1)
            #expect(abs(pause - 40_000) < 60)
        }
    }

    @Test func `A dead letter that an operator moves back in the management UI has a new budget`() async throws {
        let handler = ScriptedHandler { job, context in
            if job.track.title == "T", context.attempt == 3 { throw JobError(.noSource, "no source offers it") }
            return .completed(job)
        }
        try await WorkerFixture.run(handler) { fixture in
            var envelope = JobEnvelope()
            envelope.attempt = 3
            try await fixture.publish(.sample(), envelope)
            try await eventually("it is a dead letter") { try await fixture.ready("hdm.dlq.match") == 1 }
            try await fixture.vhost.moveMessages(from: "hdm.dlq.match", to: "hdm.q.match")
            try await fixture.waitForEvents(2)
        } check: { left in
            #expect(handler.calls.map(\.attempt) == [3, 1])
            #expect(left.counts == ["hdm.q.download": 1, QueueName.recovery: 1, QueueName.gatewayEvents: 2])
            let next = try #require(left["hdm.q.download"].first)
            #expect(next.headers[MessageHeader.requeues] == 1)
            #expect(!next.headers.keys.contains(where: MessageHeader.isDeathRecord))
            let events = left.events
            #expect(events.map(\.name) == [.deadLettered, .completed])
            #expect(events.map(\.sequence) == events.map(\.sequence).sorted())
        }
    }
}
