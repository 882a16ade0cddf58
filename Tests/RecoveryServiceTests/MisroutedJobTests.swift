import AMQP
import Contracts
import Foundation
import GRDB
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

    @Test func `A job that a person cancels while its queue is missing is not returned`() async throws {
        try await RecoveryFixture.run { fixture in
            let index = try await DeadLetterIndex.open(
                at: fixture.folder.file("other.db"), logger: fixture.runtime.logger)
            _ = try await index.record([try fixture.unrouted(1), try fixture.unrouted(2)])
            for entry in try await index.untold(after: 0, limit: 10) { try await index.recordTold(entry.number) }
            let cancelled = CancelledJobs(StagingArea(downloads: fixture.runtime.settings.downloadsDir))
            try cancelled.cancel(#require(JobID("job-1")), requeues: 0)
            let operations = DeadLetterOperations(fixture.runtime, index: index, holdLimit: 10)
            let returner = UnroutedReturner(fixture.runtime, index: index, requeue: operations.requeue)
            for _ in 0..<2 { try await returner.returnAll() }
            #expect(try await fixture.jobs(in: "hdm.q.tag") == ["job-2"])
            #expect(try await fixture.events() == ["job.tag.requeued"])
            #expect(try await index.unrouted(after: 0, limit: 10).isEmpty)
        }
    }

    @Test func `A review whose queue was missing returns, and its event says that it is a review`() async throws {
        try await RecoveryFixture.run { fixture in
            try await fixture.runtime.consuming.deleteQueue(QueueName.review)
            try await fixture.runtime.publisher.publish(
                try fixture.message(1, headers: ["x-hdm-hop": 2]), to: ExchangeName.jobs, key: RoutingKey.review)
            #expect(try await fixture.firstEvent().state == .waiting)
            try await fixture.runtime.publishing.declare(Topology().declarations)
            let event = try await eventually("it is returned") {
                try await fixture.jobEvents().first { $0.name == .requeued }
            }
            #expect(event.state == .review)
            #expect(try await fixture.jobs(in: QueueName.review) == ["job-1"])
        }
    }

    @Test func `A job that comes back is returned again after a pause, in which its queue can be bound`() async throws {
        try await RecoveryFixture.run { fixture in
            try await unbindMove(fixture)
            try await fixture.runtime.publisher.publish(
                try fixture.message(1), to: ExchangeName.jobs, key: "job.move")
            try await eventually("it was returned and came back") {
                try await fixture.events() == ["job.move.waiting", "job.move.requeued", "job.move.waiting"]
            }
            try await fixture.runtime.publishing.declare(Topology().declarations)
            try await eventually("it is in its queue", timeout: .seconds(60)) {
                try await fixture.depth("hdm.q.move") == 1
            }
            try await eventually("both returns are told") {
                try await fixture.events().filter { $0 == "job.move.requeued" }.count == 2
            }
        }
    }

    @Test func `A job that finds no queue again and again is returned three times and then ends`() async throws {
        try await RecoveryFixture.run { fixture in
            try await unbindMove(fixture)
            try await fixture.runtime.publisher.publish(
                try fixture.message(1), to: ExchangeName.jobs, key: "job.move")
            var configuration = Configuration()
            configuration.busyMode = .timeout(10)
            let database = try DatabaseQueue(
                path: fixture.folder.path("state/recovery.db"), configuration: configuration)
            let end = try await eventually("the job ends", timeout: .seconds(60)) {
                // The pauses between the returns are over.
                let earlier = (Timestamp.now + .seconds(-7200)).description
                try await database.write { db in
                    try db.execute(
                        sql: "UPDATE dead_letter SET requeued_at = ? WHERE requeued_as IS NOT NULL",
                        arguments: [earlier])
                }
                return try await fixture.jobEvents().first { $0.state == .deadLetter }
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

    @Test func `During an upgrade of the queues no dead letter is read, requeued or returned`() async throws {
        try await RecoveryFixture.run { fixture in
            let id = try await fixture.deadLetter(1)
            try await fixture.untilIndexed(1)
            let markers = PauseMarkers(downloads: fixture.runtime.settings.downloadsDir)
            try markers.pause(.all, for: PauseMarkers.upgrade, by: "hdm topology upgrade")
            await fixture.runtime.pauses.refresh()
            // As the upgrade does between two steps.
            try await fixture.runtime.consuming.deleteQueue("hdm.dlq.download")
            #expect(try await fixture.list().texts("id") == [id])
            #expect(try await fixture.requeue([id]).status == 503)
            try await fixture.runtime.publishing.declare(Topology().declarations)
            #expect(try markers.resume(.all, for: PauseMarkers.upgrade))
            await fixture.runtime.pauses.refresh()
            #expect(try await fixture.requeue([id]).data["requeued"]?.texts == [id])
        }
    }

    /// Leaves the queue without its bindings.
    private func unbindMove(_ fixture: RecoveryFixture) async throws {
        try await fixture.runtime.publishing.deleteQueue("hdm.q.move")
        let table = try #require(Topology().declarations.first { $0.label == "queue hdm.q.move" })
        try await fixture.runtime.consuming.declare([table])
    }
}
