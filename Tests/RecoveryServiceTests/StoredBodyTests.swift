import AMQP
import Contracts
import Foundation
import GRDB
import Logging
import ServiceKit
import TestSupport
import Testing

@testable import RecoveryService

@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct StoredBodyTests {
    @Test func `Jobs whose dead-letter queue was deleted, or that died while it was missing, are requeued`()
        async throws
    {
        try await RecoveryFixture.run { fixture in
            for number in 0..<20 { try await fixture.deadLetter(number) }
            try await fixture.untilIndexed(20)
            try await fixture.runtime.consuming.deleteQueue("hdm.dlq.download")
            for number in 20..<25 { try await fixture.deadLetter(number) }
            try await fixture.untilIndexed(25)
            let ids = (0..<25).map { "m-\($0)" }
            let reply = try await fixture.requeue(ids)
            #expect(reply.data["requeued"]?.texts == ids.sorted())
            let jobs = try await fixture.jobs(in: "hdm.q.download")
            #expect(jobs.sorted() == (0..<25).map { "job-\($0)" }.sorted())
        }
    }

    @Test func `A dead letter that is deeper than a pass reads is requeued`() async throws {
        try await RecoveryFixture.run(["HDM_DLQ_SURVEY_LIMIT": "10"]) { fixture in
            for number in 0..<30 { try await fixture.deadLetter(number) }
            try await fixture.untilIndexed(30)
            #expect(try await fixture.requeue(["m-29"]).data["requeued"]?.texts == ["m-29"])
            #expect(try await fixture.jobs(in: "hdm.q.download") == ["job-29"])
        }
    }

    @Test func `A job that was requeued by the API and moved by hand runs once`() async throws {
        try await RecoveryFixture.run { fixture in
            try await fixture.deadLetter(1)
            try await fixture.untilIndexed(1)
            // The original is held by another client during the requeue, and moved to the work queue afterwards.
            let moved = try await fixture.runtime.publishing.inspect("hdm.dlq.download") { inspection in
                let delivery = try #require(try await inspection.next())
                #expect(try await fixture.requeue(["m-1"]).data["requeued"]?.texts == ["m-1"])
                delivery.ack()
                return delivery.message
            }
            try await fixture.runtime.publisher.publish(moved, to: "", key: "hdm.q.download")
            #expect(try await fixture.depth("hdm.q.download") == 2)
            #expect(try await fixture.currentJobs(in: "hdm.q.download") == ["job-1"])
        }
    }

    @Test func `A job that somebody else restarted is not requeued, and its dead letter is removed`() async throws {
        try await RecoveryFixture.run(["HDM_DLQ_SURVEY_S": "10"]) { fixture in
            for number in 1...2 { try await fixture.deadLetter(number) }
            try await fixture.untilIndexed(2)
            let claims = GenerationClaims(StagingArea(downloads: fixture.runtime.settings.downloadsDir))
            for number in 1...2 {
                #expect(try claims.claim(1, of: #require(JobID("job-\(number)")), claimant: "the gateway"))
            }
            let reply = try await fixture.requeue(["m-1"])
            #expect(reply.data["skipped"] == [["id": "m-1", "reason": "already_queued"]])
            try await eventually("both stale messages are removed") { try await fixture.depth("hdm.dlq.download") == 0 }
            // A reconciliation holds the messages for a moment, so that the depth alone proves nothing.
            try await eventually("both entries are closed") { try await fixture.list().isEmpty }
            try await eventually("both messages are gone") { try await fixture.depth("hdm.dlq.download") == 0 }
            #expect(try await fixture.depth("hdm.q.download") == 0)
        }
    }

    @Test func `A dead letter whose job was cancelled in the moment of its death is removed, others stay`()
        async throws
    {
        try await RecoveryFixture.run(["HDM_DLQ_SURVEY_S": "10"]) { fixture in
            for number in 1...2 { try await fixture.deadLetter(number) }
            try await fixture.untilIndexed(2)
            let cancelled = CancelledJobs(StagingArea(downloads: fixture.runtime.settings.downloadsDir))
            try cancelled.cancel(#require(JobID("job-1")), requeues: 0)
            try await eventually("only the other one is listed", timeout: .seconds(30)) {
                let ids = try await fixture.list().compactMap { $0["id"]?.stringValue }
                return ids == ["m-2"]
            }
            try await eventually("one message is left") { try await fixture.depth("hdm.dlq.download") == 1 }
        }
    }

    @Test func `A dead letter of a cancelled job is not requeued`() async throws {
        try await RecoveryFixture.run { fixture in
            try await fixture.deadLetter(1)
            try await fixture.untilIndexed(1)
            let cancelled = CancelledJobs(StagingArea(downloads: fixture.runtime.settings.downloadsDir))
            try cancelled.cancel(#require(JobID("job-1")), requeues: 0)
            let reply = try await fixture.requeue(["m-1"])
            #expect(reply.data["skipped"] == [["id": "m-1", "reason": "already_queued"]])
            #expect(try await fixture.depth("hdm.q.download") == 0)
            try await eventually("its message is removed") { try await fixture.depth("hdm.dlq.download") == 0 }
        }
    }

    @Test func `A requeue that a crash interrupted after the claim is completed at the next start`() async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                try await RecoveryFixture(vhost, folder).serve { fixture in
                    try await fixture.deadLetter(1)
                    try await fixture.untilIndexed(1)
                }
                let index = try await DeadLetterIndex.open(at: folder.file("state/recovery.db"), logger: silent)
                let entry = try #require(try await index.entries(["m-1"])["m-1"])
                try await index.recordIntent(.requeue, by: "a person", [entry])
                let job = try #require(JobID("job-1"))
                let claims = GenerationClaims(StagingArea(downloads: folder.file("downloads")))
                #expect(try claims.claim(1, of: job, claimant: RequeuePlan.claimant("m-1", job, 0)))
                try await RecoveryFixture(vhost, folder).serve { fixture in
                    try await eventually("the job runs") { try await fixture.depth("hdm.q.download") == 1 }
                    #expect(try await fixture.currentJobs(in: "hdm.q.download") == ["job-1"])
                    try await eventually("the original is gone") { try await fixture.depth("hdm.dlq.download") == 0 }
                }
            }
        }
    }

    @Test func `Copies are held while the database cannot be written, and none is lost`() async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let fixture = try RecoveryFixture(vhost, folder)
                let limit = LockedDatabase(folder.file("state/recovery.db"))
                try await fixture.serve { fixture in
                    try await limit.lock()
                    for number in 0..<5 { try await fixture.deadLetter(number) }
                    try await eventually("the service is not ready") {
                        try await fixture.get("/ready")?.status == 503
                    }
                    try await limit.unlock()
                    try await fixture.untilIndexed(5)
                    try await eventually("all copies are settled") {
                        try await fixture.depth(QueueName.recovery) == 0
                    }
                    try await eventually("the service is ready") { try await fixture.get("/ready")?.status == 200 }
                }
            }
        }
    }

    @Test func `An index of the version without bodies is upgraded and filled from the queues`() async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                try writeIndexBeforeBodies(to: folder)
                try await RecoveryFixture(vhost, folder).serve { fixture in
                    let listed = try await fixture.list("include_gone=true&page_size=100")
                    #expect(listed.count == 5)
                    let publisher = fixture.runtime.publisher
                    let headers: FieldTable = [
                        "x-hdm-requeues": 1, "x-hdm-hop": 4, "x-hdm-dead-reason": "no_source",
                        "x-hdm-dead-at": "2026-01-31T08:20:03.000Z",
                    ]
                    try await publisher.publish(
                        try fixture.message(3, headers: headers), to: "", key: "hdm.dlq.download")
                    #expect(try await fixture.list("include_gone=true&page_size=100").count == 5)
                    #expect(try await fixture.requeue(["m-3"]).data["requeued"]?.texts == ["m-3"])
                    let again = try await fixture.requeue(["m-0"])
                    #expect(again.data["skipped"]?.elements.texts("reason") == ["already_queued"])
                    let job = try #require(
                        try await fixture.runtime.consuming.inspect("hdm.q.download") { try await $0.next() })
                    #expect(job.message.properties.headers["x-hdm-requeues"] == 2)
                }
            }
        }
    }

    private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Writes the index that the version before stored bodies left: one entry requeued, one purged, one missing, two
    /// present and two in the queue of invalid messages.
    private func writeIndexBeforeBodies(to folder: TemporaryFolder) throws {
        let url = try #require(Bundle.module.url(forResource: "Dumps/before-bodies", withExtension: "sql"))
        try FileManager.default.createDirectory(atPath: folder.path("state"), withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: folder.path("state/recovery.db"))
        let sql = try String(contentsOf: url, encoding: .utf8)
        try queue.writeWithoutTransaction { db in try db.execute(sql: sql) }
        try queue.close()
    }
}

/// Makes every write of other connections to a database fail, by holding its write lock.
private actor LockedDatabase {
    private let file: URL
    private var queue: DatabaseQueue?

    init(_ file: URL) { self.file = file }

    func lock() throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let queue = try DatabaseQueue(path: file.path, configuration: configuration)
        try queue.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        self.queue = queue
    }

    func unlock() throws {
        try queue?.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try queue?.close()
        queue = nil
    }
}
