import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import RecoveryService

/// Endings that no stage publishes.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct EndingTests {
    @Test func `A job that the broker dead-lettered is reported with the broker's reason, once`() async throws {
        try await RecoveryFixture.run { fixture in
            let message = try fixture.message(1, headers: ["x-hdm-hop": 3, "x-hdm-requeues": 2, "x-hdm-attempt": 4])
            try await fixture.runtime.publisher.publish(message, to: ExchangeName.jobs, key: "job.tag")
            try await fixture.runtime.consuming.inspect("hdm.q.tag") { try await $0.next()?.reject() }
            let event = try await fixture.firstEvent()
            #expect(event.event == "job.tag.dead_lettered")
            #expect(event.jobID.text == "job-1")
            #expect(event.state == .deadLetter)
            #expect(event.code == .internalError)
            #expect(event.message == "the broker dead-lettered it from hdm.q.tag: rejected")
            #expect(event.attempt == 4)
            #expect(JobEvent.requeues(ofSequence: event.sequence) == 2)
            #expect(event.dedupeKey == RecoveryFixture.job(1).dedupeKey)
            try await fixture.untilIndexed(1)
            // The same message in the queue is no new ending.
            _ = try await fixture.list()
            try await fixture.deadLetter(2)
            try await fixture.untilIndexed(2)
            #expect(try await fixture.events() == ["job.tag.dead_lettered"])
        }
    }

    @Test func `A document that violates the contract ends its job, and frees no key that it names`() async throws {
        try await RecoveryFixture.run { fixture in
            let bodies = [
                #"{"schema":"hdm.job/1","job_id":"job-1","batch_id":"b","dedupe_key":"k","track":{"artist":"A"}}"#,
                #"{"job_id":7}"#, "not json",
            ]
            for (number, body) in bodies.enumerated() {
                var message = try fixture.message(number + 1)
                message.body = Data(body.utf8)
                if number == 2 { message.properties.correlationID = "no/id" }
                try await fixture.runtime.publisher.publish(
                    DeadLetter(
                        message, kind: .invalid, place: "tag", error: JobError(.invalidPayload, "/track: is missing"),
                        envelope: JobEnvelope(), worker: "w"))
            }
            try await fixture.untilIndexed(3)
            let events = try await eventually("both jobs are reported") {
                let events = try await fixture.jobEvents()
                return events.count == 2 ? events : nil
            }
            #expect(events.map(\.event) == ["job.tag.dead_lettered", "job.tag.dead_lettered"])
            #expect(events.map(\.jobID.text) == ["job-1", "job-2"])
            #expect(events.map(\.code) == [.invalidPayload, .invalidPayload])
            #expect(events.map(\.dedupeKey) == ["", ""])
            #expect(events.map(\.batchID) == ["b", nil])
            #expect(events.map(\.artist) == ["A", ""])
            #expect(events[0].message == "the document violates the contract: /track: is missing")
        }
    }

    @Test func `A job under a key that belongs to no queue ends, and other messages are only indexed`() async throws {
        try await RecoveryFixture.run { fixture in
            let event = JobEvent(
                .started, of: RecoveryFixture.job(9), at: .tag, state: .tagging, hop: 0, attempt: 1, worker: "w")
            try await fixture.vhost.publish("not json", to: ExchangeName.jobs, key: "job.nowhere")
            var stray = try fixture.message(8)
            stray.body = try ContractCoding.encode(event)
            try await fixture.runtime.publisher.publish(stray, to: ExchangeName.deadLetters, key: "invalid.events")
            try await fixture.runtime.publisher.publish(
                try fixture.message(1), to: ExchangeName.jobs, key: "job.nowhere")
            try await fixture.untilIndexed(3)
            let found = try await fixture.firstEvent()
            #expect(found.event == "job.match.dead_lettered")
            #expect(found.jobID.text == "job-1")
            #expect(found.message == "no queue is bound with the routing key 'job.nowhere'")
            try await eventually("all are settled") { try await fixture.unsettledEndings() == 0 }
            #expect(try await fixture.events().count == 1)
            #expect(try await fixture.depth(QueueName.invalid) == 3)
        }
    }

    @Test func `A review that the broker dead-lettered is reported`() {
        var message = Message(body: Data())
        message.properties.correlationID = "job-1"
        let routed = RoutedMessage(message: message, exchange: "hdm.dlx", routingKey: "invalid.review")
        let event = JobEvent(ending: DeadLetterRecord(routed), routed, worker: "w")
        #expect(event?.event == "job.match.dead_lettered")
        #expect(event?.jobID.text == "job-1")
    }

    @Test(arguments: [
        ("hdm.jobs", "job.tag", "recovery.tag"), ("hdm.jobs", "t5s.move.hi", "recovery.move.hi"),
        ("hdm.retry", "t1m.match.lo", "recovery.match.lo"), ("hdm.jobs", "job.review", "recovery.review"),
        ("hdm.jobs", "job.nowhere", nil), ("hdm.jobs", "job.tag.other", nil), ("hdm.dlx", "dead.tag", nil),
        ("hdm.jobs", "tag", nil), ("hdm.retry", "t1m.review", nil),
    ])
    func `The key of a misrouted job names the queue to which it returns`(
        exchange: String, key: String, expected: String?
    ) {
        #expect(UnroutedJob(exchange: exchange, routingKey: key)?.routingKey == expected)
    }
}
