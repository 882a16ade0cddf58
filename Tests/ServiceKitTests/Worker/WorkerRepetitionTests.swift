import AMQP
import Contracts
import Foundation
import TestSupport
import Testing

@testable import ServiceKit

/// Messages that a crash, a connection or an operator repeats.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct WorkerRepetitionTests {
    private func done() -> ScriptedHandler { ScriptedHandler { job, _ in .completed(job) } }

    /// Writes the journal of a process that was killed: its file has no lock.
    private func leaveJournal(_ lines: [JournalLine], in fixture: WorkerFixture) throws {
        let folder = fixture.staging.downloads.appending(path: ".harmony/journal")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let text = lines.map(\.text).joined() + "begun half a li"
        try Data(text.utf8).write(to: folder.appending(path: "\(UUID().uuidString).0"))
    }

    private func step(
        _ job: JobDocument, at stage: Stage = .match, hop: Int = 0, messageID: String
    ) -> DeliveredStep {
        let run = RunIdentity(job: job.jobID, generation: 0, stage: stage, hop: hop)
        return DeliveredStep(run, messageID: messageID)
    }

    /// Publishes a job with a known message id, and has it delivered once to somebody who dies with it.
    private func publishRedelivered(
        _ job: JobDocument, id: String = "m1", to queue: String = "hdm.q.match", in fixture: WorkerFixture
    ) async throws {
        var properties = MessageProperties()
        properties.messageID = id
        properties.headers = JobEnvelope().headers
        try await fixture.publish(try ContractCoding.encode(job), properties)
        try await fixture.loseDelivery(of: queue)
    }

    @Test func `Lost connections and returned messages never bring a job closer to its end`() async throws {
        let handler = done()
        try await WorkerFixture.run(
            handler,
            prepare: { fixture in
                try await publishRedelivered(.sample(), in: fixture)
                for _ in 0..<12 { try await fixture.loseDelivery(of: "hdm.q.match") }
            }
        ) { fixture in
            try await fixture.waitForEvents(1)
        } check: { left in
            #expect(handler.calls.map(\.attempt) == [1])
            #expect(left.counts == ["hdm.q.download": 1, QueueName.gatewayEvents: 1])
        }
    }

    @Test func `A job runs alone after two crashes, and ends as a crash loop after three alone`() async throws {
        let (suspect, culprit) = (JobDocument.sample("suspect"), JobDocument.sample("culprit"))
        let running = Shared<[String]>([])
        let together = Shared(false)
        let handler = ScriptedHandler { job, _ in
            running.change { $0.append(job.track.title) }
            if running.value.count > 1, running.value.contains("suspect") { together.change { $0 = true } }
            try await Task.sleep(for: .milliseconds(300))
            running.change { $0.removeAll { $0 == job.track.title } }
            return .completed(job)
        }
        try await WorkerFixture.run(
            handler,
            prepare: { fixture in
                for job in [suspect, culprit] {
                    try await publishRedelivered(job, id: job.track.title, in: fixture)
                    for number in 0..<3 {
                        let alone = job.jobID == culprit.jobID
                        guard alone || number < 2 else { continue }
                        let begun = JournalLine(.begun(alone: alone), step(job, messageID: job.track.title))
                        try leaveJournal([begun], in: fixture)
                    }
                }
                for number in 0..<6 { try await fixture.publish(.sample("\(number)")) }
                _ = try await fixture.observer.inspect("hdm.q.match") { inspection in
                    while try await inspection.next() != nil {}
                }
            }
        ) { fixture in
            try await fixture.waitForEvents(8)
        } check: { left in
            #expect(!together.value)
            #expect(handler.titles.sorted() == ["0", "1", "2", "3", "4", "5", "suspect"])
            #expect(
                left.counts == [
                    "hdm.q.download": 7, "hdm.dlq.match": 1, QueueName.recovery: 1, QueueName.gatewayEvents: 8,
                ])
            let event = try #require(left.events.first { $0.title == "culprit" })
            #expect(event.code == .internalError)
            #expect(event.message?.hasPrefix("crash_loop") == true)
        }
    }

    @Test func `A job whose file is in the library completes, however often its process crashed after that`()
        async throws
    {
        let handler = ScriptedHandler(.move) { job, _ in .completed(job) }
        let job = JobDocument.sample()
        try await WorkerFixture.run(
            handler,
            prepare: { fixture in
                try await publishRedelivered(job, to: "hdm.q.move", in: fixture)
                let begun = JournalLine(.begun(alone: true), step(job, at: .move, messageID: "m1"))
                for _ in 0..<3 { try leaveJournal([begun], in: fixture) }
                try fixture.staging.finish(job.jobID)
            }
        ) { fixture in
            try await fixture.waitForEvents(1)
        } check: { left in
            #expect(handler.calls.count == 1)
            #expect(left.events.map(\.name) == [.completed])
        }
    }

    @Test func `A step that was settled before a crash is not repeated`() async throws {
        let handler = done()
        let (settled, other) = (JobDocument.sample("settled"), JobDocument.sample("other"))
        try await WorkerFixture.run(
            handler,
            prepare: { fixture in
                try await publishRedelivered(settled, id: "m1", in: fixture)
                try await publishRedelivered(other, id: "m2", in: fixture)
                _ = try await fixture.observer.inspect("hdm.q.match") { inspection in
                    while try await inspection.next() != nil {}
                }
                let step = step(settled, messageID: "m1")
                // The journal has another message of the same step of the other job, which proves nothing about this one.
                try leaveJournal(
                    [
                        JournalLine(.begun(alone: false), step), JournalLine(.settled, step),
                        JournalLine(.settled, self.step(other, messageID: "m9")),
                    ], in: fixture)
            }
        ) { fixture in
            try await fixture.waitForEvents(1)
            try await eventually("nothing is left") { try await fixture.vhost.depth(of: "hdm.q.match") == 0 }
        } check: { left in
            #expect(handler.titles == ["other"])
            #expect(left.counts == ["hdm.q.download": 1, QueueName.gatewayEvents: 1])
        }
    }

    @Test func `Two messages of one generation become one dead letter`() async throws {
        let handler = ScriptedHandler { _, _ in .deadLetter(JobError(.noMatch, "no source offers it")) }
        let job = JobDocument.sample()
        try await WorkerFixture.run(handler) { fixture in
            try await fixture.publish(job)
            try await fixture.publish(job)
            try await fixture.waitForEvents(1)
            try await eventually("nothing is left") { try await fixture.vhost.depth(of: "hdm.q.match") == 0 }
        } check: { left in
            #expect(left.counts == ["hdm.dlq.match": 1, QueueName.recovery: 1, QueueName.gatewayEvents: 1])
        }
    }

    @Test func `An ending that was marked before a crash is final, whatever the handler would find now`() async throws {
        let handler = done()
        var job = JobDocument.sample()
        job.standing = true
        let marked = job
        try await WorkerFixture.run(
            handler,
            prepare: { fixture in
                try await publishRedelivered(marked, id: "m1", in: fixture)
                let endings = Endings(fixture.staging)
                let generation = JobGeneration(job: marked.jobID, requeues: 0)
                #expect(try endings.end(generation, by: "m1", JobError(.noMatch, "no source offers it")))
                #expect(try endings.end(generation, by: "m1", JobError(.noMatch, "another text")))
                #expect(try !endings.end(generation, by: "m2", JobError(.noMatch, "no source offers it")))
                var outcome = StoredOutcome(
                    .deadLetter(JobError(.noMatch, "no source offers it")), of: step(marked, messageID: "").run)
                outcome.isPublished = true
                try StoredOutcomes(staging: fixture.staging).store(outcome, of: marked.jobID)
            }
        ) { fixture in
            try await fixture.waitForEvents(1)
            let file = fixture.staging.folder(of: marked.jobID).appending(path: ".outcome")
            try await eventually("no outcome is left") { !FileManager.default.fileExists(atPath: file.path) }
        } check: { left in
            #expect(handler.calls.isEmpty)
            #expect(left.counts == ["hdm.dlq.match": 1, QueueName.recovery: 1, QueueName.gatewayEvents: 1])
            #expect(left.events.map(\.code) == [.noMatch])
            #expect(left.events.map(\.message) == ["no source offers it"])
        }
    }

    @Test func `Jobs in hand survive the deletion of their queue, and each continues once`() async throws {
        let door = Door()
        let handler = ScriptedHandler { job, _ in
            try await door.pass()
            return .completed(job)
        }
        try await WorkerFixture.run(handler, environment: ["HDM_CONCURRENCY_MATCH": "5"]) { fixture in
            for number in 0..<5 { try await fixture.publish(.sample("\(number)")) }
            try await eventually("all run") { handler.running == 5 }
            _ = try await fixture.vhost.management.request("DELETE", ["queues", fixture.vhost.name, "hdm.q.match"])
            try await eventually("they run again", timeout: .seconds(60)) { handler.calls.count == 10 }
            door.open()
            try await eventually("all are done", timeout: .seconds(60)) {
                try await fixture.ready("hdm.q.download") == 5
            }
        } check: { left in
            #expect(handler.mostRunning == 5)
            #expect(left["hdm.q.download"].compactMap { $0.job?.track.title }.sorted() == ["0", "1", "2", "3", "4"])
            #expect(left["hdm.q.match"].isEmpty)
        }
    }

    @Test func `A job that was ending when its queue was deleted becomes a dead letter once`() async throws {
        let door = Door()
        let handler = ScriptedHandler { job, _ in
            try await door.pass()
            return .completed(job)
        }
        let ending = JobDocument.sample("ending")
        try await WorkerFixture.run(handler) { fixture in
            var properties = MessageProperties()
            properties.messageID = "m1"
            try await fixture.publish(ContractCoding.encode(ending), properties)
            try await eventually("it runs") { handler.running == 1 }
            // As the worker does before it publishes a dead letter.
            let generation = JobGeneration(job: ending.jobID, requeues: 0)
            #expect(try Endings(fixture.staging).end(generation, by: "m1", JobError(.noMatch, "no source offers it")))
            _ = try await fixture.vhost.management.request("DELETE", ["queues", fixture.vhost.name, "hdm.q.match"])
            try await fixture.waitForEvents(1)
        } check: { left in
            #expect(left.counts == ["hdm.dlq.match": 1, QueueName.recovery: 1, QueueName.gatewayEvents: 1])
            #expect(left.events.map(\.code) == [.noMatch])
        }
    }

    @Test func `A copy of a job that ended in the same generation is dropped`() async throws {
        let handler = ScriptedHandler { job, _ in .completed(job) }
        let copied = JobDocument.sample("copied")
        try await WorkerFixture.run(handler) { fixture in
            try fixture.staging.finish(copied.jobID, generation: 1)
            var envelope = JobEnvelope()
            envelope.requeues = 1
            try await fixture.publish(copied, envelope)
            try await fixture.publish(.sample("later"))
            try await fixture.waitForEvents(1)
        } check: { left in
            #expect(handler.calls.map(\.job.track.title) == ["later"])
            #expect(left.events.map(\.name) == [.completed])
        }
    }

    @Test func `A restarted job whose file is in the library ends as a duplicate`() async throws {
        let handler = ScriptedHandler { _, _ in .deadLetter(JobError(.noMatch, "no source offers it")) }
        let restarted = JobDocument.sample("restarted")
        try await WorkerFixture.run(handler) { fixture in
            try fixture.staging.finish(restarted.jobID)
            var envelope = JobEnvelope()
            envelope.startOver()
            try await fixture.publish(restarted, envelope)
            try await fixture.waitForEvents(1)
        } check: { left in
            #expect(handler.calls.isEmpty)
            #expect(left.counts == [QueueName.gatewayEvents: 1])
            #expect(left.events.map(\.state) == [.duplicate])
        }
    }

    @Test func `A message of a generation that was restarted is dropped`() async throws {
        let handler = done()
        let job = JobDocument.sample("stale")
        try await WorkerFixture.run(handler) { fixture in
            let claims = GenerationClaims(fixture.staging)
            #expect(try claims.claimNext(of: job.jobID, after: 0, claimant: "an operation") == 1)
            #expect(try claims.claimNext(of: job.jobID, after: 0, claimant: "an operation") == 1)
            #expect(try claims.claimNext(of: job.jobID, after: 0, claimant: "another one") == 2)
            for generation in 0...2 {
                var envelope = JobEnvelope()
                envelope.requeues = generation
                try await fixture.publish(job, envelope)
            }
            try await fixture.waitForEvents(1)
            try await eventually("nothing is left") { try await fixture.vhost.depth(of: "hdm.q.match") == 0 }
        } check: { left in
            #expect(handler.calls.count == 1)
            #expect(left["hdm.q.download"].map { $0.headers[MessageHeader.requeues] } == [2])
            #expect(left.counts == ["hdm.q.download": 1, QueueName.gatewayEvents: 1])
        }
    }

    @Test func `A dead letter that was requeued and moved by hand runs once`() async throws {
        let handler = done()
        let job = JobDocument.sample()
        try await WorkerFixture.run(handler) { fixture in
            var properties = MessageProperties()
            properties.messageID = "letter"
            properties.headers = JobEnvelope().headers
            properties.headers[MessageHeader.deadReason] = "timeout"
            let moved = Message(body: try ContractCoding.encode(job), properties: properties)
            // The API restarted the job first: the copy that is moved afterwards is stale.
            _ = try GenerationClaims(fixture.staging).claimNext(of: job.jobID, after: 0, claimant: "the API")
            try await fixture.observer.publish(moved, to: "", key: "hdm.q.match")
            var restarted = JobEnvelope()
            restarted.startOver()
            try await fixture.publish(job, restarted)
            try await fixture.waitForEvents(1)
            try await eventually("nothing is left") { try await fixture.vhost.depth(of: "hdm.q.match") == 0 }
        } check: { left in
            #expect(handler.calls.count == 1)
            #expect(left.counts == ["hdm.q.download": 1, QueueName.gatewayEvents: 1])
        }
    }

    @Test func `The outcome of a run that lost its delivery is settled and not found again`() async throws {
        let handler = done()
        let (stored, published) = (JobDocument.sample("stored"), JobDocument.sample("published"))
        try await WorkerFixture.run(handler) { fixture in
            let outcomes = StoredOutcomes(staging: fixture.staging)
            let files = [stored, published].map { fixture.staging.folder(of: $0.jobID).appending(path: ".outcome") }
            for job in [stored, published] {
                var outcome = StoredOutcome(.completed(job, data: ["score": 0.5]), of: step(job, messageID: "").run)
                outcome.isPublished = job.jobID == published.jobID
                try outcomes.store(outcome, of: job.jobID)
                try await fixture.publish(job)
            }
            try await fixture.waitForEvents(1)
            try await eventually("nothing is left") { try await fixture.vhost.depth(of: "hdm.q.match") == 0 }
            try await eventually("no outcome is left") {
                files.allSatisfy { !FileManager.default.fileExists(atPath: $0.path) }
            }
        } check: { left in
            #expect(handler.calls.isEmpty)
            #expect(left["hdm.q.download"].map { $0.job?.track.title } == ["stored"])
            #expect(left.counts == ["hdm.q.download": 1, QueueName.gatewayEvents: 1])
        }
    }
}
