import AMQP
import Contracts
import Foundation
import TestSupport
import Testing

@testable import ServiceKit

/// Monitored jobs, which wait instead of ending as dead letters.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct WorkerMonitoredJobTests {
    private static func standing(_ title: String = "T", tries: Int? = nil) -> JobDocument {
        var job = JobDocument.sample(title)
        (job.standing, job.standingTries) = (true, tries)
        return job
    }

    /// The hours until a waiting message is due.
    private func hours(_ delivery: Delivery) throws -> Double {
        let text = try #require(delivery.headers[MessageHeader.notBefore]?.stringValue)
        return try #require(Timestamp(text)).since(.now) / .seconds(3600)
    }

    @Test func `A monitored job without a source waits longer each time and uses no attempt`() async throws {
        let handler = ScriptedHandler { _, _ in
            .deadLetter(JobError(.noMatch, "no source offers it"), data: ["score": 0.1])
        }
        try await WorkerFixture.run(handler) { fixture in
            try await fixture.publish(Self.standing("first"))
            try await fixture.publish(Self.standing("later", tries: 9))
            try await fixture.publish(.sample("other"))
            try await fixture.waitForEvents(3)
        } check: { left in
            #expect(
                left.counts == [
                    "hdm.retry.6h": 2, "hdm.dlq.match": 1, "hdm.q.recovery": 1, QueueName.gatewayEvents: 3,
                ])
            let waiting = left["hdm.retry.6h"]
            let first = try #require(waiting.first { $0.job?.track.title == "first" })
            #expect(first.job?.standingTries == 1 && first.job?.standing == true)
            let ahead = try hours(first)
            #expect((5.3...6.7).contains(ahead))
            #expect(first.headers[MessageHeader.attempt] == 1 && first.headers[MessageHeader.hop] == 1)
            let later = try #require(waiting.first { $0.job?.track.title == "later" })
            #expect(later.job?.standingTries == 10)
            let far = try hours(later)
            #expect((151...185).contains(far))
            #expect(left.events(of: "first") == [.waiting])
            let event = try #require(left.events.first { $0.name == .waiting && $0.title == "first" })
            #expect(event.state == .waiting && event.code == .noMatch && event.notBefore != nil)
            #expect(event.data?["standing_tries"] == 1 && event.data?["score"] == 0.1)
            #expect(event.message?.contains("no source offers it") == true)
        }
    }

    @Test func `A monitored job ends when it expires, and not later`() async throws {
        let handler = ScriptedHandler { _, _ in .deadLetter(JobError(.noMatch, "no source offers it")) }
        try await WorkerFixture.run(handler) { fixture in
            var job = Self.standing()
            job.expiresAt = .now + .seconds(600)
            try await fixture.publish(job)
            var expired = Self.standing("expired")
            expired.expiresAt = .now + .seconds(-1)
            try await fixture.publish(expired)
            try await fixture.waitForEvents(1)
        } check: { left in
            // It returns before the time at which it is due, and is put off again until then.
            #expect(left["hdm.retry.5m"].count == 1)
            #expect(left.events(of: "expired") == [.deadLettered])
        }
    }

    @Test func `A monitored job without attempts waits if no source offers the recording, and ends otherwise`()
        async throws
    {
        let handler = ScriptedHandler(.download) { job, _ in
            .retry(JobError(job.track.title == "nobody" ? .noSource : .diskFull, "no"), from: .match)
        }
        try await WorkerFixture.run(handler, environment: ["RETRY_MAX_ATTEMPTS": "1"]) { fixture in
            for title in ["nobody", "full"] { try await fixture.publish(Self.standing(title)) }
            try await fixture.waitForEvents(2)
        } check: { left in
            let waiting = try #require(left["hdm.retry.6h"].first)
            #expect(waiting.job?.track.title == "nobody")
            #expect(waiting.routingKey.contains(".match"))
            #expect(waiting.headers[MessageHeader.restarts] == nil)
            #expect(left.events(of: "full") == [.deadLettered])
            #expect(left.events.first { $0.name == .waiting }?.code == .retryExhausted)
        }
    }

    @Test func `A monitored job that returns before it is due waits again`() async throws {
        let handler = ScriptedHandler { job, _ in .completed(job) }
        try await WorkerFixture.run(handler) { fixture in
            var envelope = JobEnvelope()
            envelope.notBefore = .now + .seconds(100 * 3600)
            try await fixture.publish(Self.standing(tries: 4), envelope)
            try await eventually("it waits") { try await fixture.ready("hdm.retry.6h") == 1 }
        } check: { left in
            #expect(left.counts == ["hdm.retry.6h": 1])
            let waiting = try #require(left["hdm.retry.6h"].first)
            let ahead = try hours(waiting)
            #expect((99...100.1).contains(ahead))
            #expect(waiting.job?.standingTries == 4)
            #expect(handler.calls.isEmpty)
        }
    }
}
