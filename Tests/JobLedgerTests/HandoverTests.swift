import Contracts
import Foundation
import GRDB
import TestSupport
import Testing

@testable import JobLedger

@Suite struct HandoverTests {
    private func withOldDatabase(_ test: (String, JobStore) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let path = try LedgerDump.writeBeforePlanner(to: folder)
            let store = try JobStore.open(.file(path))
            try await test(path, store)
            try store.close()
        }
    }

    @Test func `The migration leaves jobs, reservations, timeline, batches and outbox unchanged`() async throws {
        try await withTemporaryFolder { folder in
            let path = try LedgerDump.writeBeforePlanner(to: folder)
            let tables = ["jobs", "reservations", "timeline", "batches", "outbox", "verdicts", "reviews"]
            let before = try tables.map { try LedgerDump.rows(of: $0, in: path) }
            #expect(before[0].count == 40)
            try JobStore.open(.file(path)).close()
            #expect(try tables.map { try LedgerDump.rows(of: $0, in: path) } == before)
        }
    }

    @Test func `Batches show their links as before`() async throws {
        try await withOldDatabase { _, store in
            let done = try #require(try await store.batch("done"))
            #expect(done.expansions.map(\.state) == [.completed])
            #expect(done.expansions.first?.endedAt != nil)
            let half = try #require(try await store.batch("half"))
            let expansion = try #require(half.expansions.first)
            #expect(half.state == .running && half.itemsTotal == 20)
            #expect(expansion.state == .expanding && expansion.total == 40)
            #expect(expansion.counts == .init(read: 20, enqueued: 20))
            #expect(expansion.link == "spotify:playlist:ppppppppppppppppppppp1")
            let fresh = try #require(try await store.batch("fresh"))
            #expect(fresh.expansions.map(\.state) == [.queued])
            #expect(fresh.expansions.first?.counts == .init())
        }
    }

    @Test func `Events of the planner continue an expansion that was half read`() async throws {
        try await withOldDatabase { _, store in
            let expansion = try #require(try await store.batch("half")?.expansions.first)
            var event = ExpansionEvent(
                expansionID: expansion.id, batchID: try #require(JobID("half")), link: expansion.link,
                step: expansion.step, state: .expanding, counts: .init(read: 20), at: .now)
            #expect(try await store.apply([.expansion(event)]) == 0)
            (event.step, event.state, event.counts) = (expansion.step + 1, .completed, .init(read: 40, enqueued: 40))
            #expect(try await store.apply([.expansion(event)]) == 1)
            #expect(try await store.batch("half")?.expansions.first?.counts.read == 40)
        }
    }

    @Test(arguments: HandoverTable.allCases)
    func `Every row of a table is delivered once, in pages of any size, with all values`(
        _ table: HandoverTable
    ) async throws {
        try await withTemporaryFolder { folder in
            let path = try LedgerDump.writeBeforePlanner(to: folder)
            let before = try LedgerDump.rows(of: table.rawValue, in: path)
            #expect(!before.isEmpty)
            let store = try JobStore.open(.file(path))
            for limit in [1, 7, 1000] {
                let rows = try await allRows(of: table, in: store, limit: limit)
                #expect(Set(rows.map(\.rowid)).count == rows.count)
                #expect(try Self.texts(rows, table, path) == before)
            }
            try store.close()
        }
    }

    @Test func `A completed handover delivers nothing more, also to another process, and the rows stay in the file`()
        async throws
    {
        try await withOldDatabase { path, store in
            let before = try LedgerDump.rows(of: "handover_expansions", in: path)
            try await store.completeHandover()
            try await store.completeHandover()
            let other = try JobStore.open(.file(path))
            for table in HandoverTable.allCases {
                #expect(try await other.handoverRows(of: table, after: 0, limit: 10) == HandoverRows())
            }
            try other.close()
            #expect(try LedgerDump.rows(of: "handover_expansions", in: path) == before)
        }
    }

    @Test func `A new database has nothing to hand over`() async throws {
        let store = try JobStore.open(.memory)
        for table in HandoverTable.allCases {
            #expect(try await store.handoverRows(of: table, after: 0, limit: 10) == HandoverRows())
        }
        try store.close()
    }

    @Test func `Damaged counts of one link do not stop the migration`() async throws {
        try await withTemporaryFolder { folder in
            let path = try LedgerDump.writeBeforePlanner(to: folder)
            let queue = try DatabaseQueue(path: path)
            try await queue.write { db in
                try db.execute(
                    sql: "UPDATE expansions SET counts = CAST('{\"read\":2' AS BLOB) WHERE batch_id = 'half'")
            }
            try queue.close()
            let store = try JobStore.open(.file(path))
            let damaged = try #require(try await store.batch("half")?.expansions.first)
            #expect(damaged.state == .expanding && damaged.counts == .init())
            let whole = try #require(try await store.batch("done")?.expansions.first)
            #expect(whole.counts == .init(read: 6, enqueued: 6))
            let rows = try await store.handoverRows(of: .expansions, after: 0, limit: 10).rows
            #expect(rows.count == 3)
            try store.close()
        }
    }

    @Test func `A page ends before the row that makes it too large, and has at least one row`() async throws {
        try await LedgerFixture.run { ledger in
            try await ledger.store.writer.write { db in
                for length in [400, 400, 5000, 400, 400] {
                    try db.execute(
                        sql: "INSERT INTO handover_expansion_seen VALUES ('e', ?, 0)",
                        arguments: [String(repeating: "k", count: length)])
                }
            }
            var (pages, next) = ([[Int64]](), Int64?(0))
            while let after = next {
                let page = try await ledger.store.handoverRows(
                    of: .expansionSeen, after: after, limit: 4, maxBytes: 1500)
                #expect(page.next == nil || page.next == page.rows.last?.rowid)
                pages.append(page.rows.map(\.rowid))
                next = page.next
            }
            #expect(pages == [[1, 2], [3], [4, 5]])
        }
    }

    private func allRows(of table: HandoverTable, in store: JobStore, limit: Int) async throws -> [HandoverRow] {
        var rows: [HandoverRow] = []
        var next: Int64? = 0
        while let after = next {
            let page = try await store.handoverRows(of: table, after: after, limit: limit)
            rows += page.rows
            next = page.next
        }
        return rows
    }

    /// Writes the rows into a table of the original schema, and returns them as the dump's rows are returned.
    private static func texts(_ rows: [HandoverRow], _ table: HandoverTable, _ path: String) throws -> [String] {
        try withSQLite(copyOf: table, from: path) { db in
            for row in rows {
                let names = row.values.keys.sorted()
                try db.execute(
                    sql: """
                        INSERT INTO copy (\(names.joined(separator: ", ")))
                        VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))
                        """, arguments: StatementArguments(names.map { row.values[$0]?.databaseValue }))
            }
            return try Row.fetchAll(db, sql: "SELECT * FROM copy").map(\.description).sorted()
        }
    }

    private static func withSQLite<Value>(
        copyOf table: HandoverTable, from path: String, _ body: (Database) throws -> Value
    ) throws -> Value {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.writeWithoutTransaction { db in
            try db.execute(sql: "CREATE TEMP TABLE copy AS SELECT * FROM handover_\(table.rawValue) LIMIT 0")
            return try body(db)
        }
    }
}

extension JSONValue {
    /// The value as SQLite stores it.
    fileprivate var databaseValue: (any DatabaseValueConvertible)? {
        switch self {
        case .null: nil
        case .integer(let number): number
        case .number(let number): number
        case .string(let text): text
        case .object(let members): members["base64"]?.stringValue.flatMap { Data(base64Encoded: $0) }
        case .bool, .array: nil
        }
    }
}
