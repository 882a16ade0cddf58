import AMQP
import Contracts
import Foundation
import ServiceKit
import TestSupport
import Testing

@testable import RecoveryService

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct MisroutedJobTests {
    @Test func `A job whose queue was missing is named and returns when the queue exists`() async throws {
        try await RecoveryFixture.run { fixture in
            try await fixture.runtime.consuming.deleteQueue("hdm.q.tag")
            let headers: FieldTable = ["x-hdm-hop": 2, "x-hdm-attempt": 3, "x-own": "kept"]
            try await fixture.runtime.publisher.publish(
                try fixture.message(1, headers: headers), to: ExchangeName.jobs, key: "job.tag")
            let waiting = try await fixture.firstEvent()
            #expect(waiting.event == "job.tag.waiting")
            #expect(waiting.state == .waiting)
            #expect(waiting.data?["wait"] == ["reason": "unroutable"])
            let item = try #require(try await fixture.list().first)
            #expect(item["reason"] == "unroutable")
            #expect(item["queue"] == "hdm.dlq.invalid")
            try await fixture.runtime.publishing.declare(Topology().declarations)
            try await eventually("the job is back") { try await fixture.depth("hdm.q.tag") == 1 }
            let delivery = try #require(
                try await fixture.runtime.consuming.inspect("hdm.q.tag") { try await $0.next() })
            #expect(delivery.routingKey == "recovery.tag")
            #expect(delivery.message.body == (try fixture.message(1)).body)
            #expect(
                delivery.message.properties.headers == [
                    "x-hdm-hop": 3, "x-hdm-attempt": 3, "x-hdm-requeues": 1, "x-own": "kept",
                ])
            try await eventually("the parked original is gone") { try await fixture.depth("hdm.dlq.invalid") == 0 }
            #expect(try await fixture.list().isEmpty)
            try await eventually("both events") {
                try await fixture.events() == ["job.tag.waiting", "job.tag.requeued"]
            }
        }
    }

    @Test func `A job that finds no queue again and again is returned three times and then ends`() async throws {
        try await RecoveryFixture.run { fixture in
            // The queue exists, but nothing is bound to it.
            try await fixture.runtime.consuming.deleteQueue("hdm.q.move")
            try await fixture.runtime.publishing.declare([.queue("hdm.q.move", arguments: ["x-queue-type": "classic"])])
            try await fixture.runtime.publisher.publish(
                try fixture.message(1), to: ExchangeName.jobs, key: "job.move")
            let end = try await eventually("the job ends") {
                try await fixture.jobEvents().first { $0.state == .deadLetter }
            }
            #expect(end.code == .internalError)
            #expect(end.jobID.text == "job-1")
            #expect(JobEvent.requeues(ofSequence: end.sequence) == 3)
            #expect(try await fixture.events().filter { $0 == "job.move.requeued" }.count == 3)
            try await eventually("one message is left") { try await fixture.depth("hdm.dlq.invalid") == 1 }
            #expect(try await fixture.list().map { $0["requeues"] } == [3])
            #expect(try await fixture.depth("hdm.q.move") == 0)
        }
    }
}
