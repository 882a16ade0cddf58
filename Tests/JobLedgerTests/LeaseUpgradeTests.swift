import Contracts
import Databases
import Foundation
import GRDB
import TestSupport
import Testing

@testable import JobLedger

@Suite("A database of the version before the leases")
struct LeaseUpgradeTests {
    private static let tables = [
        "jobs", "reservations", "timeline", "outbox", "reviews", "verdicts", "matches", "responses", "batches",
        "expansions",
    ]

    private func withUpgraded(_ test: (JobStore) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let store = try JobStore.open(.file(try LedgerDump.writeBeforeLeases(to: folder)))
            try await test(store)
            try store.close()
        }
    }

    @Test func `keeps every row`() async throws {
        try await withTemporaryFolder { folder in
            let path = try LedgerDump.writeBeforeLeases(to: folder)
            let before = try Self.tables.map { try LedgerDump.rows(of: $0, in: path) }
            #expect(before.map(\.count) == [18, 14, 74, 14, 4, 3, 10, 1, 2, 1])
            try JobStore.open(.file(path)).close()
            #expect(try Self.tables.map { try LedgerDump.rows(of: $0, in: path) } == before)
        }
    }

    @Test func `keeps every row when the process is killed during the migration`() async throws {
        try await withTemporaryFolder { folder in
            let path = try LedgerDump.writeBeforeLeases(to: folder)
            let before = try Self.tables.map { try LedgerDump.rows(of: $0, in: path) }
            let copy = folder.path("killed.db")
            let queue = try DatabasePool(path: path)
            try await queue.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    // Spilled pages stand in the write-ahead log, as they would after a kill.
                    try db.execute(sql: "PRAGMA cache_size = 1; PRAGMA cache_spill = 1")
                    try Migration.storeSections.run(db)
                    try db.execute(sql: "UPDATE timeline SET worker = worker || 'x'")
                    for suffix in ["", "-wal"] {
                        try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
                    }
                    return .rollback
                }
            }
            try queue.close()
            try JobStore.open(.file(copy)).close()
            #expect(try Self.tables.map { try LedgerDump.rows(of: $0, in: copy) } == before)
            #expect(try LedgerDump.rows(of: "sections", in: copy).isEmpty)
        }
    }

    @Test func `has an outbox that is carried out once, with the cancellations as markers`() async throws {
        try await withUpgraded { store in
            // As the process does at its next start.
            try await store.releaseAll(of: "gateway-1")
            let entries = try await store.lease(100, to: "test", for: .seconds(60))
            #expect(entries.map(\.number) == [22] + (18...21) + (23...31))
            let marked = entries.filter { $0.purpose != .publish }
            #expect(
                marked.map(\.purpose)
                    == marked.map {
                        .markCancelled(CancelledGeneration(job: JobID($0.jobID) ?? JobID(), generation: 0))
                    })
            #expect(marked.map(\.number) == [25, 28])
            try await store.remove(entries)
            #expect(try await store.outboxDepth() == 0)
        }
    }

    @Test func `shows its active jobs and where they are`() async throws {
        try await withUpgraded { store in
            let active = try await store.activeJobs(after: 0, limit: 100)
            #expect(
                active.items.map(\.state) == [
                    .matching, .downloading, .tagging, .moving, .waiting, .review, .downloading, .queued, .queued,
                    .matching, .queued, .queued,
                ])
            #expect(
                active.items.map(\.heldBy) == [
                    nil, nil, nil, nil, nil, .review, .outbox, .outbox, nil, nil, .outbox, .outbox,
                ])
            #expect(active.items.map(\.generation) == [0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 1])
            #expect((active.total, active.held) == (12, 5))
        }
    }

    @Test func `has jobs that end, restart and are decided as before`() async throws {
        try await withUpgraded { store in
            let jobs = try await store.jobs(JobFilter(limit: 100)).items
            func id(_ title: String) throws -> JobID { try #require(jobs.first { $0.title == title }?.jobID) }
            _ = try await store.decide(
                .approve(FileChoice(name: .index(0), path: "")), on: try id("Doubtful"), by: "bob", worker: "test"
            ) {
                $0.generation + 1
            }
            #expect(try await store.job(try id("Doubtful"))?.summary.state == .downloading)
            let stage = try await store.restart(try id("Cancelled"), from: .tag, by: "bob", worker: "test") { $0 + 1 }
            #expect(stage == .match)
            var end = JobEvent.test(
                .completed, .move, .completed, hop: 3, job: try id("Moving"), key: "nina simone|moving|")
            end.data = ["path": "Nina Simone/Moving.flac"]
            #expect(try await store.apply([.job(end), .job(end)]) == 1)
            let again = try await store.submit(#"{"items":[{"artist":"Nina Simone","title":"Moving"}]}"#).response
            #expect(again.items.map(\.status) == [.alreadyProcessed])
        }
    }
}
