import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

/// The outcomes of a handler and the messages that follow.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct WorkerOutcomeTests {
    /// Runs one job with one outcome. The job is in its queue as its second attempt, hop 4.
    private func end(
        _ job: JobDocument = .sample(), at stage: Stage = .match, events: Int = 1,
        _ outcome: @escaping ScriptedHandler.Script, check: (Leftovers) throws -> Void
    ) async throws {
        let handler = ScriptedHandler(stage, outcome)
        var envelope = JobEnvelope()
        envelope.attempt = 2
        envelope.hop = 4
        envelope.requeues = 1
        envelope.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        try await WorkerFixture.run(handler) { fixture in
            try await fixture.publish(job, envelope)
            try await fixture.waitForEvents(events)
        } check: { left in
            #expect(handler.calls.map(\.attempt) == [2])
            #expect(handler.calls.first?.job == job)
            let events = left.events
            #expect(events.map(\.jobID) == events.map { _ in job.jobID })
            #expect(events.map(\.attempt) == events.map { _ in 2 })
            #expect(events.map(\.sequence) == events.map(\.sequence).sorted())
            try check(left)
        }
    }

    @Test func `Completed publishes the job to the next stage with a new budget`() async throws {
        let job = JobDocument.sample(priority: 8)
        var done = job
        done.match = MatchSection(score: 0.9, components: [:], candidates: [])
        try await end(job) { [done] _, _ in
            .completed(done, data: ["score": 0.9])
        } check: { left in
            #expect(left.counts == ["hdm.q.download": 1, QueueName.gatewayEvents: 1])
            let next = try #require(left["hdm.q.download"].first)
            #expect(next.job == done)
            #expect(next.exchange == ExchangeName.jobs)
            #expect(next.routingKey == "job.download.hi")
            #expect(next.headers[MessageHeader.attempt] == 1)
            #expect(next.headers[MessageHeader.hop] == 5)
            #expect(next.headers[MessageHeader.requeues] == 1)
            #expect(next.headers[MessageHeader.traceparent]?.stringValue?.hasPrefix("00-0af7") == true)
            let properties = next.message.properties
            #expect(properties.isPersistent)
            #expect(properties.priority == 8)
            #expect(properties.correlationID == job.jobID.text)
            #expect(properties.type == MessageType.job)
            #expect(properties.contentType == "application/json")
            #expect(properties.messageID != nil)
            #expect(properties.timestamp != nil)
            let events = left.events
            #expect(events.map(\.event) == ["job.match.completed"])
            #expect(events.last?.state == .downloading)
            #expect(events.last?.data?["score"] == 0.9)
            #expect(events.last?.began != nil)
            #expect(events.last?.sections.keys.sorted { $0.rawValue < $1.rawValue } == [.match])
        }
    }

    @Test func `Completed at the last stage ends the job`() async throws {
        try await end(at: .move) { job, _ in
            .completed(job, data: ["path": "A/T.flac"])
        } check: { left in
            #expect(left.counts == [QueueName.gatewayEvents: 1])
            let last = left.events.last
            #expect(last?.event == "job.move.completed")
            #expect(last?.state == .completed)
            #expect(last?.data?["path"] == "A/T.flac")
        }
    }

    @Test func `Retry publishes the job to a retry queue as the next attempt`() async throws {
        let job = JobDocument.sample()
        try await end(job) { _, _ in
            .retry(JobError(.providerUnavailable, "the peer is gone"))
        } check: { left in
            // The second attempt with a base of an hour: two hours.
            #expect(left.counts == ["hdm.retry.6h": 1, QueueName.gatewayEvents: 1])
            let next = try #require(left["hdm.retry.6h"].first)
            #expect(next.job == job)
            #expect(next.routingKey == "t6h.match")
            #expect(next.headers[MessageHeader.attempt] == 3)
            #expect(next.headers[MessageHeader.hop] == 5)
            #expect(next.headers[MessageHeader.notBefore] == nil)
            let event = try #require(left.events.last)
            #expect(event.event == "job.match.retry")
            #expect(event.state == .waiting)
            #expect(event.code == .providerUnavailable)
            #expect(event.message == "the peer is gone")
            let due = try #require(event.notBefore)
            #expect(abs(due.since(event.at + .seconds(7200)) / .seconds(1)) < 30)
        }
    }

    @Test func `Retry waits as long as a provider requests, in several retry queues if necessary`() async throws {
        try await end { _, _ in
            .retry(JobError(.providerUnavailable, "busy"), after: .seconds(30_000))
        } check: { left in
            #expect(left.counts == ["hdm.retry.6h": 1, QueueName.gatewayEvents: 1])
            let due = left["hdm.retry.6h"].first?.headers[MessageHeader.notBefore]?.stringValue.flatMap {
                Timestamp($0)
            }
            #expect(due == left.events.last?.notBefore)
            let pause = try #require(due).since(.now) / .seconds(1)
            #expect(abs(pause - 30_000) < 60)
        }
    }

    @Test func `Restart publishes the job to an earlier stage at once and uses no attempt`() async throws {
        try await end(at: .tag) { job, _ in
            .restart(from: .download, job, because: JobError(.verificationFailed, "noise"))
        } check: { left in
            #expect(left.counts == ["hdm.q.download": 1, QueueName.gatewayEvents: 1])
            let next = try #require(left["hdm.q.download"].first)
            #expect(next.headers[MessageHeader.attempt] == 1)
            #expect(next.headers[MessageHeader.hop] == 5)
            #expect(next.headers[MessageHeader.restarts] == nil)
            let event = left.events.last
            #expect(event?.event == "job.tag.retry")
            #expect(event?.state == .downloading)
            #expect(event?.code == .verificationFailed)
        }
    }

    @Test func `Snooze publishes the job to a retry queue and uses no attempt`() async throws {
        let until = Timestamp.now + .seconds(3000)
        try await end { _, _ in
            .snooze(until: until, because: "still downloading")
        } check: { left in
            #expect(left.counts == ["hdm.retry.1h": 1, QueueName.gatewayEvents: 1])
            let next = try #require(left["hdm.retry.1h"].first)
            #expect(next.routingKey == "t1h.match")
            #expect(next.headers[MessageHeader.attempt] == 2)
            #expect(next.headers[MessageHeader.hop] == 5)
            #expect(next.headers[MessageHeader.notBefore]?.stringValue == until.description)
            let event = left.events.last
            #expect(event?.event == "job.match.waiting")
            #expect(event?.message == "still downloading")
            #expect(event?.notBefore == until)
            #expect(event?.code == nil)
        }
    }

    @Test func `Review publishes the job to the review queue`() async throws {
        try await end { job, _ in
            var job = job
            job.match = MatchSection(score: 0.5, components: [:], candidates: [])
            return .review(job, because: "two versions")
        } check: { left in
            #expect(left.counts == [QueueName.review: 1, QueueName.gatewayEvents: 1])
            let next = try #require(left[QueueName.review].first)
            #expect(next.routingKey == "job.review")
            #expect(next.job?.match?.score == 0.5)
            #expect(next.headers[MessageHeader.hop] == 5)
            let event = left.events.last
            #expect(event?.event == "job.match.review")
            #expect(event?.state == .review)
            #expect(event?.message == "two versions")
        }
    }

    @Test func `Dead deadLetter publishes the job with its death record, and a copy for recovery`() async throws {
        let job = JobDocument.sample()
        try await end(job) { _, _ in
            .deadLetter(JobError(.noSource, "no source offers it"))
        } check: { left in
            #expect(left.counts == ["hdm.dlq.match": 1, QueueName.recovery: 1, QueueName.gatewayEvents: 1])
            let deadLetter = try #require(left["hdm.dlq.match"].first)
            #expect(deadLetter.job == job)
            #expect(deadLetter.exchange == ExchangeName.deadLetters)
            #expect(deadLetter.routingKey == "dead.match")
            #expect(deadLetter.headers[MessageHeader.deadReason] == "no_source")
            #expect(deadLetter.headers[MessageHeader.deadError] == "no source offers it")
            #expect(deadLetter.headers[MessageHeader.deadStage] == "match")
            #expect(deadLetter.headers[MessageHeader.attempt] == 2)
            #expect(deadLetter.headers[MessageHeader.worker]?.stringValue?.hasPrefix("match-") == true)
            #expect(deadLetter.headers[MessageHeader.deadAt]?.stringValue.flatMap { Timestamp($0) } != nil)
            #expect(deadLetter.message == left[QueueName.recovery].first?.message)
            let event = left.events.last
            #expect(event?.event == "job.match.dead_lettered")
            #expect(event?.state == .deadLetter)
            #expect(event?.code == .noSource)
        }
    }

    @Test func `Cancelled and duplicate publish an event and nothing else`() async throws {
        try await end { _, _ in
            .cancelled("by the user")
        } check: { left in
            #expect(left.counts == [QueueName.gatewayEvents: 1])
            #expect(left.events.last?.event == "job.match.cancelled")
            #expect(left.events.last?.message == "by the user")
            #expect(left.events.last?.state == .cancelled)
        }
        try await end(at: .move) { _, _ in
            .duplicate(path: "A/T.flac")
        } check: { left in
            #expect(left.counts == [QueueName.gatewayEvents: 1])
            #expect(left.events.last?.event == "job.move.duplicate")
            #expect(left.events.last?.data == ["path": "A/T.flac"])
            #expect(left.events.last?.state == .duplicate)
        }
    }

    @Test func `A thrown job error decides by its code, and any other error is a retry without its text`() async throws
    {
        struct Surprise: Error { let secret = "token" }
        let handler = ScriptedHandler { job, _ in
            switch job.track.title {
            case "fatal": throw JobError(.unsupportedFormat, "no audio")
            case "passing": throw JobError(.diskFull, "no space")
            default: throw Surprise()
            }
        }
        try await WorkerFixture.run(handler) { fixture in
            for title in ["fatal", "passing", "other"] { try await fixture.publish(.sample(title)) }
            try await fixture.waitForEvents(3)
        } check: { left in
            #expect(
                left.counts
                    == ["hdm.dlq.match": 1, QueueName.recovery: 1, "hdm.retry.1h": 2, QueueName.gatewayEvents: 3])
            #expect(left["hdm.dlq.match"].first?.job?.track.title == "fatal")
            let codes = Dictionary(grouping: left.events, by: \.title).mapValues { $0.last?.code }
            #expect(codes == ["fatal": .unsupportedFormat, "passing": .diskFull, "other": .internalError])
            #expect(left.events.allSatisfy { $0.message?.contains("token") != true })
        }
    }
}
