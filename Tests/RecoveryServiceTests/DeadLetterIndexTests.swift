import AMQP
import Contracts
import Foundation
import GRDB
import Logging
import ServiceKit
import TestSupport
import Testing

@testable import RecoveryService

struct DeadLetterIndexTests {
    @Test func `A copy that is delivered twice changes the index once, and a later death changes it again`()
        async throws
    {
        try await withIndex { index in
            var record = Self.record("m", deadAt: "2026-01-01T00:00:00.000Z")
            #expect(try await index.record(record))
            #expect(try await index.record(record) == false)
            try await index.recordDone(.requeue, ["m"])
            #expect(try await index.record(record) == false)
            #expect(try await index.entries(["m"])["m"]?.isRequeued == true)
            record.deadAt = "2026-01-02T00:00:00.000Z"
            record.reason = "timeout"
            #expect(try await index.record(record))
            let entry = try #require(try await index.entries(["m"])["m"])
            #expect(entry.isOpen)
            #expect(entry.record == record)
            #expect(entry.createdAt == "2026-01-01T00:00:00.000Z")
        }
    }

    @Test func `A dead letter that is missing from its queue is held, then gone and not listed`() async throws {
        try await withIndex { index in
            let records = [Self.record("a"), Self.record("b", queue: "hdm.dlq.tag")]
            try await index.reconcile(with: DeadLetterSnapshot(records: records))
            // One queue was read to its end and is empty; the other was not read.
            try await index.reconcile(with: DeadLetterSnapshot(completeQueues: ["hdm.dlq.download"]))
            var entries = try await index.entries(["a", "b"])
            #expect(entries["a"]?.presence == .held)
            #expect(entries["b"]?.presence == .present)
            #expect(try await index.list(DeadLetterQuery()).total == 2)
            let long = (Timestamp.now + .seconds(-90)).description
            try await index.database.write {
                try $0.execute(sql: "UPDATE dead_letter SET missing_since = ? WHERE id = 'a'", arguments: [long])
            }
            entries = try await index.entries(["a"])
            #expect(entries["a"]?.presence == .gone)
            #expect(try await index.list(DeadLetterQuery()).items.map(\.record.id) == ["b"])
            var query = DeadLetterQuery()
            query.includesGone = true
            #expect(try await index.list(query).total == 2)
            try await index.reconcile(
                with: DeadLetterSnapshot(records: records, completeQueues: ["hdm.dlq.download", "hdm.dlq.tag"]))
            #expect(try await index.entries(["a"])["a"]?.presence == .present)
        }
    }

    @Test func `An entry that cannot be read is skipped and does not hide the others`() async throws {
        try await withIndex { index in
            try await index.reconcile(with: DeadLetterSnapshot(records: ["a", "b"].map { Self.record($0) }))
            try await index.database.write {
                try $0.execute(sql: "UPDATE dead_letter SET attempt = 'many' WHERE id = 'a'")
            }
            #expect(try await index.list(DeadLetterQuery()).items.map(\.record.id) == ["b"])
            #expect(try await index.entries(["a", "b"]).keys.sorted() == ["b"])
        }
    }

    @Test func `A page has at most its size, and the total counts all pages`() async throws {
        try await withIndex { index in
            try await index.reconcile(
                with: DeadLetterSnapshot(records: (0..<10).map { Self.record("m-\($0)") }))
            var query = DeadLetterQuery()
            query.pageSize = 4
            query.page = 3
            let (items, total) = try await index.list(query)
            #expect(items.count == 2)
            #expect(total == 10)
        }
    }

    @Test func `The index of an earlier process is opened with its entries`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.file("deep/recovery.db")
            try await Self.open(file).record(Self.record("m"))
            #expect(try await Self.open(file).list(DeadLetterQuery()).total == 1)
            try await Self.open(file).probe()
        }
    }

    @Test func `Entries of dead letters that left their queue are deleted after their time, others never`() async throws
    {
        try await withIndex { index in
            try await index.reconcile(with: DeadLetterSnapshot(records: ["a", "b", "c"].map { Self.record($0) }))
            try await index.recordDone(.requeue, ["a"])
            try await index.recordDone(.purge, ["b"])
            try await index.deleteEntries(endedBefore: .now + .seconds(-60))
            #expect(try await index.entries(["a", "b", "c"]).count == 3)
            try await index.deleteEntries(endedBefore: .now + .seconds(60))
            #expect(try await index.entries(["a", "b", "c"]).keys.sorted() == ["c"])
        }
    }

    @Test(arguments: [("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800)])
    func `An age is read as a time before now`(text: String, seconds: Int) {
        let now = Timestamp.now
        #expect(PurgeRequest.time(before: text, now: now) == now + .seconds(-seconds))
    }

    @Test(arguments: ["", "d", "7", "7w", "-7d", "1.5h", "monday"])
    func `A text that is no age is refused`(text: String) {
        #expect(PurgeRequest.time(before: text, now: .now) == nil)
    }

    private static func record(
        _ id: String, queue: String = "hdm.dlq.download", deadAt: String = "2026-01-01T00:00:00.000Z"
    ) -> DeadLetterRecord {
        DeadLetterRecord(
            id: id, jobID: "j", stage: "download", queue: queue, reason: "no_source", error: "no source offers it",
            attempt: 1, requeues: 0, deadAt: deadAt)
    }

    private static func open(_ file: URL) async throws -> DeadLetterIndex {
        try await DeadLetterIndex.open(at: file, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func withIndex(_ test: (DeadLetterIndex) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try await test(Self.open(folder.file("recovery.db")))
        }
    }
}
