import AMQP
import Contracts
import Databases
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
            #expect(try await index.record([Self.read(record)]) == [record])
            #expect(try await index.record([Self.read(record)]) == [])
            try await index.recordPurged(try await Self.number(of: "m", index))
            #expect(try await index.record([Self.read(record)]) == [])
            #expect(try await index.entries(["m"])["m"]?.isPurged == true)
            record.deadAt = "2026-01-02T00:00:00.000Z"
            record.reason = "timeout"
            #expect(try await index.record([Self.read(record)]) == [record])
            let entry = try #require(try await index.entries(["m"])["m"])
            #expect(entry.isOpen)
            #expect(entry.record == record)
            #expect(entry.createdAt == "2026-01-01T00:00:00.000Z")
        }
    }

    @Test func `A message that a later generation replaced stays closed when it is seen again, and counts as stale`()
        async throws
    {
        try await withIndex { index in
            let old = Self.record("m", deadAt: "2026-01-01T00:00:00.000Z")
            var new = Self.record("m", deadAt: "2026-01-02T00:00:00.000Z")
            new.requeues = 1
            _ = try await index.record([Self.read(old)])
            try await index.recordRequeued(try await Self.number(of: "m", index), as: 1)
            _ = try await index.record([Self.read(new)])
            try await Self.reconcile(index, [old, new])
            #expect(try await index.list(DeadLetterQuery()).items.map(\.record) == [new])
            #expect(try await index.entries(["m"])["m"]?.record == new)
            #expect(try await index.stale(in: "hdm.dlq.download", limit: 10).map(\.record) == [old])
            #expect(try await index.staleCount() == 1)
            try await Self.reconcile(index, [new], complete: ["hdm.dlq.download"])
            #expect(try await index.staleCount() == 0)
        }
    }

    @Test func `An old entry is deleted after its message has left the queue, and not before`() async throws {
        try await withIndex { index in
            let old = Self.record("m", deadAt: "2026-01-01T00:00:00.000Z")
            _ = try await index.record([Self.read(old)])
            try await index.recordRequeued(try await Self.number(of: "m", index), as: 1)
            try await index.deleteEntries(endedBefore: .now + .seconds(60))
            try await Self.reconcile(index, [old])
            #expect(try await index.list(DeadLetterQuery()).total == 0)
            #expect(try await index.staleCount() == 1)
            try await index.recordRemoved([try await Self.number(of: "m", index)])
            try await index.deleteEntries(endedBefore: .now + .seconds(60))
            #expect(try await index.entries(["m"]).isEmpty)
        }
    }

    @Test func `Messages with one id are different entries if their jobs or bodies differ`() async throws {
        try await withIndex { index in
            var records = [Self.record("m"), Self.record("m"), Self.record("m")]
            records[1].subject = "other-job"
            records[2].subject = "sha256-0123"
            _ = try await index.record(records.map(Self.read))
            #expect(try await index.list(DeadLetterQuery()).total == 3)
        }
    }

    @Test func `The whole message is stored, and one above the limit is stored without its body`() async throws {
        try await withIndex { index in
            var message = Message(body: Data(repeating: 7, count: 1 << 20))
            message.properties.messageID = "m"
            message.properties.headers = [
                "n": 1, "s": "text", "b": true, "d": .double(.infinity), "t": .timestamp(9), "x": .bytes([0, 255]),
                "a": .array([1, .table(["v": .void])]),
            ]
            let routed = RoutedMessage(message: message, exchange: "hdm.dlx", routingKey: "dead.tag")
            var larger = routed
            larger.message.properties.messageID = "larger"
            larger.message.body.append(7)
            _ = try await index.record([try ReadDeadLetter(routed), try ReadDeadLetter(larger)])
            #expect(try await index.message(of: Self.number(of: "m", index))?.restored() == routed)
            let stored = try #require(try await index.message(of: Self.number(of: "larger", index)))
            #expect(try stored.restored() == nil)
            #expect(stored.size == 1 << 20 + 1)
            #expect(try stored.withoutBody().message.properties == larger.message.properties)
        }
    }

    @Test func `A dead letter that is missing from its queue is held, then gone and not listed`() async throws {
        try await withIndex { index in
            let records = [Self.record("a"), Self.record("b", queue: "hdm.dlq.tag")]
            try await Self.reconcile(index, records)
            // One queue was read to its end and is empty; the other was not read.
            try await Self.reconcile(index, [], complete: ["hdm.dlq.download"])
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
            try await Self.reconcile(index, records, complete: ["hdm.dlq.download", "hdm.dlq.tag"])
            #expect(try await index.entries(["a"])["a"]?.presence == .present)
        }
    }

    @Test func `The readiness probe writes nothing until a write has failed`() async throws {
        try await withIndex { index in
            try await index.probe()
            #expect(try await Self.probes(index) == 0)
            await #expect(throws: DatabaseError.self) {
                try await index.write(.soon) { try $0.execute(sql: "INSERT INTO missing VALUES (1)") }
            }
            try await index.probe()
            #expect(try await Self.probes(index) == 1)
            try await index.probe()
            #expect(try await Self.probes(index) == 1)
        }
    }

    @Test func `A copy that arrives during a reconciliation is not missing`() async throws {
        try await withIndex { index in
            let start = try await index.beginReconciliation()
            // The clock counts milliseconds.
            try await eventually("time passes") { Timestamp.now > start }
            _ = try await index.record([Self.read(Self.record("m"))])
            try await index.endReconciliation(since: start, completeQueues: ["hdm.dlq.download"])
            #expect(try await index.entries(["m"])["m"]?.presence == .present)
        }
    }

    @Test func `An entry that cannot be read is skipped and does not hide the others`() async throws {
        try await withIndex { index in
            try await Self.reconcile(index, ["a", "b"].map { Self.record($0) })
            try await index.database.write {
                try $0.execute(sql: "UPDATE dead_letter SET attempt = 'many' WHERE id = 'a'")
            }
            #expect(try await index.list(DeadLetterQuery()).items.map(\.record.id) == ["b"])
            #expect(try await index.entries(["a", "b"]).keys.sorted() == ["b"])
        }
    }

    @Test func `A page has at most its size, and the total counts all pages`() async throws {
        try await withIndex { index in
            try await Self.reconcile(index, (0..<10).map { Self.record("m-\($0)") })
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
            _ = try await Self.open(file).record([Self.read(Self.record("m"))])
            #expect(try await Self.open(file).list(DeadLetterQuery()).total == 1)
            try await Self.open(file).probe()
        }
    }

    @Test func `An entry of the version before was seen in its queue, so that it can be missing`() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.file("recovery.db")
            let old = try DatabasePool(path: file.path)
            try DatabaseMigrator(Array(Migration.deadLetterIndex.prefix(2))).migrate(old)
            try await old.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO dead_letter (number, id, subject, requeues, queue, reason, error, cause, told, attempt,
                            created_at, dead_at, updated_at, parked)
                        VALUES (1, 'm', 'j', 0, 'hdm.dlq.download', 'no_source', '', 'service', 1, 1,
                            '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', 1);
                        INSERT INTO message VALUES (1, 'hdm.dlx', 'dead.download', '{"headers":{}}', 0, x'00');
                        """)
            }
            try old.close()
            let index = try await Self.open(file)
            try await Self.reconcile(index, [], complete: ["hdm.dlq.download"])
            #expect(try await index.entries(["m"])["m"]?.presence == .held)
        }
    }

    @Test func `Entries of dead letters that left their queue are deleted after their time, others never`() async throws
    {
        try await withIndex { index in
            try await Self.reconcile(index, ["a", "b", "c"].map { Self.record($0) })
            try await index.recordRequeued(try await Self.number(of: "a", index), as: 1)
            try await index.recordRemoved([try await Self.number(of: "a", index)])
            try await index.recordPurged(try await Self.number(of: "b", index))
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
            attempt: 1, requeues: 0, deadAt: deadAt, subject: "j")
    }

    private static func read(_ record: DeadLetterRecord) -> ReadDeadLetter {
        ReadDeadLetter(
            record: record,
            message: StoredMessage(
                exchange: "hdm.dlx", routingKey: "dead.download", properties: Data("{\"headers\":{}}".utf8), size: 0,
                body: CompressedBody(Data())))
    }

    private static func reconcile(
        _ index: DeadLetterIndex, _ records: [DeadLetterRecord], complete: Set<String> = []
    ) async throws {
        let start = try await index.beginReconciliation()
        try await index.reconcile(records.map(read))
        try await index.endReconciliation(since: start, completeQueues: complete)
    }

    private static func number(of id: String, _ index: DeadLetterIndex) async throws -> Int64 {
        try #require(try await index.entries([id])[id]).number
    }

    private static func probes(_ index: DeadLetterIndex) async throws -> Int? {
        try await index.database.read { try Int.fetchOne($0, sql: "SELECT count FROM probe") }
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
