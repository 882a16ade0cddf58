import AMQP
import Contracts
import Foundation
import GRDB
import ServiceKit
import TestSupport
import Testing

@testable import RecoveryService

struct DeadLetterIndexTests {
    @Test func `a dead letter that is told twice is news once, a later death is news again`() async throws {
        try await withIndex { index in
            var record = Self.record("m", deadAt: "2026-01-01T00:00:00.000Z")
            #expect(try await index.note(record))
            #expect(try await index.note(record) == false)
            try await index.note(.requeue, of: ["m"])
            #expect(try await index.note(record) == false)
            #expect(try await index.entries(["m"])["m"]?.isRequeued == true)
            record.deadAt = "2026-01-02T00:00:00.000Z"
            record.reason = "timeout"
            #expect(try await index.note(record))
            let entry = try #require(try await index.entries(["m"])["m"])
            #expect(entry.isOpen)
            #expect(entry.record == record)
            #expect(entry.createdAt == "2026-01-01T00:00:00.000Z")
        }
    }

    @Test func `what is missing for a while is held, then gone, then not listed`() async throws {
        try await withIndex { index in
            let records = [Self.record("a"), Self.record("b", queue: "hdm.dlq.tag")]
            try await index.note(records, complete: [])
            // One lot was seen to the end and is empty, the other was not.
            try await index.note([], complete: ["hdm.dlq.download"])
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
            try await index.note(records, complete: ["hdm.dlq.download", "hdm.dlq.tag"])
            #expect(try await index.entries(["a"])["a"]?.presence == .present)
        }
    }

    @Test func `a page has at most its size and the total counts all`() async throws {
        try await withIndex { index in
            try await index.note((0..<10).map { Self.record("m-\($0)") }, complete: [])
            var query = DeadLetterQuery()
            query.pageSize = 4
            query.page = 3
            let (items, total) = try await index.list(query)
            #expect(items.count == 2)
            #expect(total == 10)
        }
    }

    @Test func `an index of an earlier run is opened as it is`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.file("deep/recovery.db")
            try await DeadLetterIndex.open(at: file).note(Self.record("m"))
            #expect(try await DeadLetterIndex.open(at: file).list(DeadLetterQuery()).total == 1)
            try await DeadLetterIndex.open(at: file).probe()
        }
    }

    @Test func `what is parked is never forgotten, what ended is after its time`() async throws {
        try await withIndex { index in
            try await index.note(["a", "b", "c"].map { Self.record($0) }, complete: [])
            try await index.note(.requeue, of: ["a"])
            try await index.note(.purge, of: ["b"])
            try await index.forget(endedBefore: .now + .seconds(-60))
            #expect(try await index.entries(["a", "b", "c"]).count == 3)
            try await index.forget(endedBefore: .now + .seconds(60))
            #expect(try await index.entries(["a", "b", "c"]).keys.sorted() == ["c"])
        }
    }

    @Test(arguments: [("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800)])
    func `an age is a moment before now`(text: String, seconds: Int) {
        let now = Timestamp.now
        #expect(PurgeRequest.time(before: text, now: now) == now + .seconds(-seconds))
    }

    @Test(arguments: ["", "d", "7", "7w", "-7d", "1.5h", "monday"])
    func `what is no age is refused`(text: String) {
        #expect(PurgeRequest.time(before: text, now: .now) == nil)
    }

    private static func record(
        _ id: String, queue: String = "hdm.dlq.download", deadAt: String = "2026-01-01T00:00:00.000Z"
    ) -> DeadLetterRecord {
        DeadLetterRecord(
            id: id, jobID: "j", stage: "download", queue: queue, reason: "no_source", error: "nobody has it",
            attempt: 1, requeues: 0, deadAt: deadAt)
    }

    private func withIndex(_ test: (DeadLetterIndex) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            try await test(DeadLetterIndex.open(at: folder.file("recovery.db")))
        }
    }
}
