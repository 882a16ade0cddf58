import Contracts
import Foundation
import GRDB
import Testing

@testable import PlannerService

@Suite struct UnreadableRowTests {
    private static let list = ShelfID.of(1, "p")
    private static let catalogue = ShelfCatalogue { shelf in
        shelf.playlists[list] = (0..<3).map { .track(.test($0)) }
        shelf.playlists[ShelfID.of(2, "p")] = (10..<13).map { .track(.test($0)) }
    }

    private func damage(_ planner: PlannerFixture, _ sql: String) async throws {
        try await planner.store.writer.write { db in try db.execute(sql: sql) }
    }

    @Test func `An expansion that cannot be read fails with the reason, and the others are expanded`() async throws {
        try await PlannerFixture.run { planner in
            let damaged = try await planner.insert("spotify:playlist:\(Self.list)")
            let good = try await planner.insert("spotify:playlist:\(ShelfID.of(2, "p"))")
            try await damage(planner, "UPDATE expansions SET cursor = '{' WHERE expansion_id = '\(damaged)'")
            try await planner.expander(Self.catalogue).drain()
            #expect(try await planner.expansion(good).state == .completed)
            #expect(try await planner.allJobs().count == 3)
            let events = try await planner.store.unemittedExpansions(limit: 10).map(\.event)
            let failed = try #require(events.first { $0.expansionID == damaged })
            #expect(failed.state == .failed && failed.error?.code == "unreadable" && failed.step == 1)
            #expect(failed.error?.message.contains("cursor") == true)
        }
    }

    @Test func `A watch that cannot be read is paused with the reason, and the others are checked`() async throws {
        try await PlannerFixture.run { planner in
            let damaged = try await planner.watch("spotify:playlist:\(Self.list)", #","backlog":true"#)
            let good = try await planner.watch("spotify:playlist:\(ShelfID.of(2, "p"))", #","backlog":true"#)
            try await damage(planner, "UPDATE watchlist SET run = 'x' WHERE number = \(damaged.number)")
            try await planner.watcher(Self.catalogue).drain()
            #expect(try await planner.allJobs().count == 3)
            #expect(try await planner.store.watchlist().map(\.key) == [good.key])
            let reason = try await planner.store.writer.read { db in
                try String.fetchOne(db, sql: "SELECT pause_reason FROM watchlist WHERE number = \(damaged.number)")
            }
            #expect(reason?.contains("run") == true)
            try await planner.store.removeWatch(damaged.key)
        }
    }

    @Test func `A watch that is repaired uses no key again that its deleted submission had`() async throws {
        try await PlannerFixture.run { planner in
            let watch = try await planner.watch("spotify:playlist:\(Self.list)", #","backlog":true"#)
            let doomed = WatchTask(
                context: planner.context(Self.catalogue) { if $0 == .responded { throw SimulatedCrash() } })
            await #expect(throws: SimulatedCrash.self) { try await doomed.drain() }
            planner.clock.advance(by: .seconds(6))
            try await damage(planner, "UPDATE watchlist SET run = 'x' WHERE number = \(watch.number)")
            try await planner.watcher(Self.catalogue).drain()
            try await damage(planner, "UPDATE watchlist SET run = NULL, paused = 0 WHERE number = \(watch.number)")
            let changed = ShelfCatalogue { $0.playlists[Self.list] = (20..<25).map { .track(.test($0)) } }
            try await planner.watcher(changed).drain()
            let submissions = planner.intake.received.submissions.withLock { $0 }
            #expect(submissions.count == 2 && Set(submissions.map(\.key)).count == 2)
            #expect(try await planner.allJobs().count == 8)
        }
    }

    @Test func `A backfill that cannot be read fails, and a new one can begin`() async throws {
        try await PlannerFixture.run { planner in
            let id = try await planner.store.beginBackfill(BackfillTerms(maxItems: 5)).id
            try await damage(planner, "UPDATE backfills SET counts = 'x' WHERE backfill_id = '\(id)'")
            try await planner.backfiller(Self.catalogue, ShelfLibrary([])).drain()
            let next = try await planner.runBackfill(BackfillTerms(maxItems: 5), Self.catalogue, ShelfLibrary([]))
            #expect(next.state == .completed)
            #expect(try await planner.store.backfills(limit: 10).map(\.id) == [next.id])
        }
    }

    @Test func `Documents without the fields of later versions are read with defaults`() throws {
        func decode<Value: Decodable>(_ text: String, as type: Value.Type = Value.self) throws -> Value {
            try ContractCoding.decode(Value.self, from: Data(text.utf8))
        }
        #expect(try decode("{}", as: ExpansionCursor.self) == ExpansionCursor())
        #expect(try decode("{}", as: TaskCounts.self) == TaskCounts())
        #expect(try decode("{}", as: WatchTerms.self) == WatchTerms())
        #expect(try decode("{}", as: BackfillCursor.self) == BackfillCursor())
        #expect(try decode(#"{"maxItems":7}"#, as: BackfillTerms.self) == BackfillTerms(maxItems: 7))
        #expect(try decode(#"{"requested":7}"#, as: BackfillCounts.self) == BackfillCounts(requested: 7))
        #expect(try decode(#"{"batchID":"b"}"#, as: JobPlan.self) == JobPlan(batchID: "b", kind: .manual))
        let start = Timestamp(Date(timeIntervalSince1970: 1_800_000_000))
        let run: WatchRun = try decode(#"{"batchID":"b","startedAt":"\#(start)"}"#)
        #expect(run == WatchRun(batchID: "b", startedAt: start))
    }
}
