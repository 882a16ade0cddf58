import Catalogues
import Contracts
import Foundation
import GRDB
import Synchronization
import TestSupport
import Testing

@testable import JobLedger
@testable import PlannerService

/// The handover of a database that an earlier version of the gateway made, with work in progress.
@Suite struct HandoverTests {
    private func handover(_ planner: PlannerFixture, _ source: LedgerHandover) -> Handover {
        Handover(planner.store, source, logger: planner.context(nil).logger)
    }

    @Test func `Work in progress continues to its end, and no job is made twice`() async throws {
        try await PlannerFixture.runWithOldLedger { planner, source in
            let before = try await planner.allJobs()
            try await handover(planner, source).copyAll()
            #expect(try await planner.store.isHandoverComplete())
            let catalogue = OldCatalogue.shelf()
            try await planner.expander(catalogue).drain()
            try await planner.watcher(catalogue).drain()
            let library = OldCatalogue.library()
            try await planner.backfiller(catalogue, library).drain()
            try await expectResults(planner, before: before)
        }
    }

    private func expectResults(_ planner: PlannerFixture, before: [JobDocument]) async throws {
        let jobs = try await planner.allJobs()
        #expect(jobs.count == Set(jobs.map(\.dedupeKey)).count)
        #expect(jobs.prefix(before.count).map(\.jobID) == before.map(\.jobID))
        let half = jobs.filter { $0.batchID == "half" }
        #expect(half.map(\.track.title) == (0..<40).map { "Song \($0)" })
        #expect(half.allSatisfy { $0.requestedBy == "anna" && $0.priority == 6 })
        let fresh = jobs.filter { $0.batchID == "fresh" }
        #expect(fresh.map(\.track.title) == (700..<710).map { "Song \($0)" })
        #expect(jobs.filter { $0.batchID == "watchlist-2-2" }.map(\.track.title) == Self.watched)
        #expect(jobs.count { $0.batchID == "watchlist-1-1" } == 5)
        #expect(jobs.count { $0.batchID == "watchlist-1-2" } == 2)
        let states = try await planner.store.writer.read { db in
            try String.fetchAll(db, sql: "SELECT state FROM expansions ORDER BY number")
        }
        #expect(states == ["completed", "completed", "completed"])
        let backfill = try #require(try await planner.store.backfills(limit: 5).first)
        #expect(backfill.state == .completed && backfill.counts.processed == 6 && backfill.counts.matched == 5)
        #expect(jobs.filter { $0.batchID == "backfill-1" }.map(\.track.title) == ["Song 506"])
    }

    /// Of the artist: the release that was submitted before the handover, and the one after.
    private static let watched = (620..<627).map { "Song \($0)" } + (610..<613).map { "Song \($0)" }

    @Test func `A crash at any page continues with the next page`() async throws {
        try await PlannerFixture.runWithOldLedger { planner, source in
            var crashes = 0
            source.state.withLock { $0.pageSize = 7 }
            while try await !planner.store.isHandoverComplete() {
                source.state.withLock { $0.callsUntilCrash = 1 }
                do {
                    try await handover(planner, source).copyAll()
                } catch is SimulatedCrash {
                    crashes += 1
                    source.state.withLock { $0.callsUntilCrash = 2 }
                    try? await handover(planner, source).copyAll()
                }
            }
            #expect(crashes > 5)
            let counts = try await planner.store.writer.read { db in
                try PlannerService.HandoverTable.allCases.map {
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0.rawValue)") ?? 0
                }
            }
            #expect(counts == [3, 40, 2, 45, 1, 13, 1])
        }
    }

    @Test func `A row without a value that its table needs is skipped, and the others are copied`() async throws {
        try await PlannerFixture.run { planner in
            func row(_ number: Int64, _ key: JSONValue) -> HandoverPage.Row {
                HandoverPage.Row(rowid: number, values: ["expansion_id": "e", "key": key, "pass": 0])
            }
            let page = HandoverPage(rows: [row(1, "a"), row(2, .null), row(3, "c")], next: nil)
            let skipped = try await planner.store.copy(page, of: .expansionSeen, after: 0)
            #expect(skipped?.map(\.rowid) == [2])
            #expect(skipped?.first?.problem.contains("expansion_seen.key") == true)
            let keys = try await planner.store.writer.read { db in
                try String.fetchAll(db, sql: "SELECT key FROM expansion_seen ORDER BY key")
            }
            #expect(keys == ["a", "c"])
            #expect(try await planner.store.handoverPosition(of: .expansionSeen) == nil)
            #expect(try await planner.store.copy(page, of: .expansionSeen, after: 0) == nil)
        }
    }

    @Test func `Two processes copy each row once`() async throws {
        try await PlannerFixture.runWithOldLedger { planner, source in
            source.state.withLock { $0.pageSize = 3 }
            let second = try planner.secondStore()
            let other = Handover(second, source, logger: planner.context(nil).logger)
            let first = handover(planner, source)
            try await withThrowingTaskGroup { group in
                group.addTask { try await first.copyAll() }
                group.addTask { try await other.copyAll() }
                try await group.waitForAll()
            }
            try second.close()
            #expect(try await planner.store.watchlist().map(\.number) == [1, 2])
            #expect(try await planner.store.backfills(limit: 5).count == 1)
        }
    }

    @Test func `After the handover the gateway hands over nothing, and new entries get new numbers`() async throws {
        try await PlannerFixture.runWithOldLedger { planner, source in
            try await handover(planner, source).copyAll()
            #expect(try await source.page(of: .watchlist, after: 0, limit: 10).rows.isEmpty)
            let entry = try await planner.watch("spotify:saved")
            #expect(entry.number == 3)
        }
    }
}
