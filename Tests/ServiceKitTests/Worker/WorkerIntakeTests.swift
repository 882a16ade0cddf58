import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

/// The processing of a message before its handler runs.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct WorkerIntakeTests {
    private func done() -> ScriptedHandler { ScriptedHandler { job, _ in .completed(job) } }

    private static let broken: [(body: String, place: String)] = [
        ("", "the document"), ("{nonsense", "the document"), ("[]", "the document"), ("\u{FEFF}", "the document"),
        (#"{"job_id":"a","track":{"artist":"A","title":"T"}}"#, "/schema"),
        (#"{"schema":"hdm.job/2","job_id":"a","track":{"artist":"A","title":"T"}}"#, "/schema"),
        (#"{"schema":"hdm.job/1","job_id":"../x","track":{"artist":"A","title":"T"}}"#, "/job_id"),
        (#"{"schema":"hdm.job/1","job_id":"a","track":{"artist":"A"}}"#, "/track/title"),
        (#"{"schema":"hdm.job/1","job_id":"a","track":{"artist":"A","title":"T"},"priority":10}"#, "/priority"),
        (
            #"{"schema":"hdm.job/1","job_id":"a","track":{"artist":"A","title":"T"},"match":{"score":1,"components":{},"candidates":[{}]}}"#,
            "/match/candidates/0"
        ),
    ]

    @Test func `A document that breaks the contract becomes a dead deadLetter with its bytes and the error`()
        async throws
    {
        let handler = done()
        let large = Data(repeating: UInt8(ascii: " "), count: JobDocument.largestBody + 1)
        try await WorkerFixture.run(handler) { fixture in
            for (body, _) in Self.broken { try await fixture.publish(Data(body.utf8)) }
            try await fixture.publish(large)
            try await fixture.publish(.sample("good"))
            try await eventually("all are dead deadLetters") {
                try await fixture.ready(QueueName.invalid) == Self.broken.count + 1
            }
            try await fixture.waitForEvents(1)
        } check: { left in
            let count = Self.broken.count + 1
            #expect(
                left.counts == [
                    QueueName.invalid: count, QueueName.recovery: count, "hdm.q.download": 1,
                    QueueName.gatewayEvents: 1,
                ])
            #expect(handler.titles == ["good"])
            let invalid = left[QueueName.invalid]
            for (body, place) in Self.broken {
                let deadLetter = try #require(invalid.first { $0.message.body == Data(body.utf8) }, "\(body)")
                #expect(deadLetter.headers[MessageHeader.deadError]?.stringValue?.hasPrefix(place) == true)
            }
            #expect(invalid.contains { $0.message.body == large })
            for deadLetter in invalid {
                #expect(deadLetter.routingKey == "invalid.match")
                #expect(deadLetter.headers[MessageHeader.deadReason] == "invalid_payload")
                #expect(deadLetter.headers[MessageHeader.deadStage] == "match")
            }
        }
    }

    @Test func `A message with routing headers and without an id becomes one dead deadLetter with a new id`()
        async throws
    {
        let handler = done()
        try await WorkerFixture.run(handler) { fixture in
            try await fixture.vhost.publish(
                "{", to: ExchangeName.jobs, key: "job.match",
                headers: [
                    MessageHeader.hop: .integer(.max), MessageHeader.attempt: .integer(.min), "CC": ["job.nowhere.x.y"],
                    "x-death": [], MessageHeader.deadReason: "forged",
                ])
            var large = MessageProperties()
            large.headers = ["x": .string(String(repeating: "x", count: 130_850))]
            try await fixture.publish(Data("[".utf8), large)
            try await eventually("both are dead deadLetters") { try await fixture.ready(QueueName.recovery) >= 2 }
        } check: { left in
            let deadLetters = left[QueueName.invalid].filter {
                $0.headers[MessageHeader.deadReason] == "invalid_payload"
            }
            #expect(deadLetters.count == 2)
            #expect(left[QueueName.recovery].count == 2)
            for deadLetter in deadLetters {
                #expect(deadLetter.message.properties.messageID?.isEmpty == false)
                #expect(deadLetter.headers["CC"] == nil)
            }
        }
    }

    @Test func `Counts out of range in the headers end neither the job nor the process`() async throws {
        let handler = done()
        try await WorkerFixture.run(handler) { fixture in
            var properties = MessageProperties()
            properties.timestamp = .max
            properties.headers = [
                MessageHeader.hop: .integer(.max), MessageHeader.requeues: .integer(.max),
                MessageHeader.restarts: .integer(.max), MessageHeader.redeliveries: .integer(.min),
            ]
            try await fixture.publish(try ContractCoding.encode(JobDocument.sample()), properties)
            try await fixture.waitForEvents(1)
        } check: { left in
            #expect(left.counts == ["hdm.q.download": 1, QueueName.gatewayEvents: 1])
            #expect(left["hdm.q.download"].first?.headers[MessageHeader.hop] == 1_000_001)
        }
    }

    @Test func `An expired job becomes a dead deadLetter, except at the last stage`() async throws {
        var job = JobDocument.sample()
        job.expiresAt = .now + .seconds(-1)
        let expired = job
        let match = done()
        try await WorkerFixture.run(match) { fixture in
            try await fixture.publish(expired)
            try await fixture.waitForEvents(1)
        } check: { left in
            #expect(match.calls.isEmpty)
            #expect(left.counts == ["hdm.dlq.match": 1, QueueName.recovery: 1, QueueName.gatewayEvents: 1])
            #expect(left["hdm.dlq.match"].first?.headers[MessageHeader.deadReason] == "expired")
            #expect(left.events.map(\.name) == [.deadLettered])
            #expect(left.events.first?.code == .expired)
        }
        let move = ScriptedHandler(.move) { job, _ in .completed(job) }
        try await WorkerFixture.run(move) { fixture in
            try await fixture.publish(expired)
            try await fixture.waitForEvents(1)
        } check: { left in
            #expect(move.calls.count == 1)
            #expect(left.events.last?.state == .completed)
        }
    }

    @Test func `A job that is not due returns to a wait queue without an event`() async throws {
        let handler = done()
        let due = Timestamp.now + .seconds(3000)
        try await WorkerFixture.run(handler) { fixture in
            var envelope = JobEnvelope()
            envelope.attempt = 2
            envelope.notBefore = due
            try await fixture.publish(.sample("later"), envelope)
            envelope.notBefore = .now + .seconds(-5)
            try await fixture.publish(.sample("now"), envelope)
            try await eventually("it waits") { try await fixture.ready("hdm.retry.1h") == 1 }
            try await fixture.waitForEvents(1)
        } check: { left in
            #expect(handler.titles == ["now"])
            #expect(left.counts == ["hdm.retry.1h": 1, "hdm.q.download": 1, QueueName.gatewayEvents: 1])
            let waiting = try #require(left["hdm.retry.1h"].first)
            #expect(waiting.headers[MessageHeader.attempt] == 2)
            #expect(waiting.headers[MessageHeader.hop] == 1)
            #expect(waiting.headers[MessageHeader.notBefore]?.stringValue == due.description)
            #expect(left.events(of: "later").isEmpty)
        }
    }

    @Test func `A repeated message of an ended job is dropped`() async throws {
        let handler = done()
        let over = JobDocument.sample("over")
        try await WorkerFixture.run(handler) { fixture in
            try fixture.staging.finish(over.jobID)
            try await fixture.publish(over)
            try await fixture.publish(.sample("open"))
            try await fixture.waitForEvents(1)
            try await eventually("nothing is left") { try await fixture.vhost.depth(of: "hdm.q.match") == 0 }
        } check: { left in
            #expect(handler.titles == ["open"])
            #expect(left.counts == ["hdm.q.download": 1, QueueName.gatewayEvents: 1])
        }
    }

    @Test func `Unknown fields pass through a stage unchanged`() async throws {
        let body = #"""
            {"schema":"hdm.job/1","job_id":"j1","dedupe_key":"k","priority":3,"kind":"backfill",
            "submitted_at":"2026-01-31T08:15:30.250Z","future":{"deep":[1,2.5,null,true,"é🎵"]},
            "track":{"artist":"A","title":"T","mood":"blue"},
            "match":{"score":0.5,"components":{},"candidates":[],"engine":{"v":2}}}
            """#
        let handler = ScriptedHandler(.download) { job, _ in
            var job = job
            job.download = DownloadSection(source: "folder", path: "jobs/j1/T.flac", size: 1)
            return .completed(job)
        }
        try await WorkerFixture.run(handler) { fixture in
            try await fixture.publish(Data(body.utf8))
            try await fixture.waitForEvents(1)
        } check: { left in
            let next = try #require(left["hdm.q.tag"].first)
            let after = try ContractCoding.decode(JSONValue.self, from: next.message.body)
            guard case .object(var members) = after else {
                Issue.record("no object")
                return
            }
            #expect(members.removeValue(forKey: "download")?["path"] == "jobs/j1/T.flac")
            #expect(try JSONValue.object(members) == ContractCoding.decode(JSONValue.self, from: Data(body.utf8)))
            #expect(next.message.properties.priority == 3)
        }
    }
}
