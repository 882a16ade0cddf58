import Catalogues
import Contracts
import Foundation
import Testing

@testable import PlannerService

/// What the watchlist did wrong in earlier versions.
@Suite struct WatchDefectTests {
    private static let artist = ShelfID.of(1, "a")
    private static let key = "spotify:\(artist)"
    private static let day: Duration = .seconds(86_401)

    @Test func `After a check was cut by its budget, the rest of the saved tracks is submitted`() async throws {
        let catalogue = ShelfCatalogue(pageSize: 10) { $0.saved = (0..<50).map { .track(.test($0)) } }
        try await PlannerFixture.run { planner in
            _ = try await planner.watch("spotify:saved", #","budget":15"#)
            try await planner.watcher(catalogue).drain()
            catalogue.change { $0.saved = (100..<140).map { .track(.test($0)) } + $0.saved }
            var totals: [Int] = []
            for _ in 0..<4 {
                planner.clock.advance(by: Self.day)
                try await planner.watcher(catalogue).drain()
                totals.append(try await planner.allJobs().count)
            }
            #expect(totals == [15, 30, 40, 40])
            #expect(try await planner.allJobs().map(\.track.title) == (100..<140).map { "Song \($0)" })
            // A complete check stops again at the first page without news.
            let calls = catalogue.calls.count
            planner.clock.advance(by: Self.day)
            try await planner.watcher(catalogue).drain()
            #expect(catalogue.calls.count == calls + 1)
        }
    }

    @Test func `A check that the catalogue ended too early is followed by a full one`() async throws {
        let catalogue = ShelfCatalogue(pageSize: 10) { $0.saved = (0..<30).map { .track(.test($0)) } }
        try await PlannerFixture.run { planner in
            _ = try await planner.watch("spotify:saved")
            try await planner.watcher(catalogue).drain()
            catalogue.change { $0.saved = (100..<125).map { .track(.test($0)) } + $0.saved }
            planner.clock.advance(by: Self.day)
            #expect(try await planner.watcher(catalogue).advance())
            catalogue.change { $0.failures = [.closed("the list")] }
            try await planner.watcher(catalogue).drain()
            #expect(try await planner.allJobs().count == 10)
            planner.clock.advance(by: Self.day)
            try await planner.watcher(catalogue).drain()
            #expect(try await planner.allJobs().count == 25)
        }
    }

    @Test func `The first check of an artist lists all releases, also more than a thousand`() async throws {
        let catalogue = ShelfCatalogue(pageSize: 600) { shelf in
            shelf.releases[Self.artist] = (0..<1300).map { .test("old \($0)", "Old \($0)", date: "2010-01-01") }
        }
        try await PlannerFixture.run { planner in
            _ = try await planner.watch(Self.key)
            let watcher = planner.watcher(catalogue)
            for page in 1...3 {
                #expect(try await watcher.advance())
                let entry = try await planner.entry(Self.key)
                let run = try #require(entry.run)
                #expect(entry.runs == 0 && run.isListed == (page == 3) && run.releases.isEmpty)
                #expect(run.knownReleases.count == min(1300, page * 600))
            }
        }
    }

    @Test func `A later edition of a release from before the watch makes jobs only of its new songs`() async throws {
        let catalogue = ShelfCatalogue { shelf in
            shelf.releases[Self.artist] = [.test("blue", "Blue", date: "2010-01-01")]
            shelf.albumTracks["blue"] = (1...3).map { .test($0, title: "Song \($0)") }
        }
        try await PlannerFixture.run { planner in
            _ = try await planner.watch(Self.key)
            try await planner.watcher(catalogue).drain()
            #expect(try await planner.allJobs().isEmpty)
            catalogue.change { shelf in
                shelf.releases[Self.artist] =
                    [
                        .test("deluxe", "Blue (Deluxe Edition)", date: "2027-01-16"),
                        .test("remaster", "Blue (Remastered)", date: "2027-01-17"),
                    ] + (shelf.releases[Self.artist] ?? [])
                shelf.albumTracks["deluxe"] =
                    (1...3).map { .test($0 + 50, title: "Song \($0)", isrc: $0 != 2) } + [.test(54, title: "Bonus")]
                shelf.albumTracks["remaster"] = (1...3).map { .test($0 + 60, title: "Song \($0) - 2027 Remaster") }
            }
            for _ in 0..<2 {
                planner.clock.advance(by: Self.day)
                try await planner.watcher(catalogue).drain()
            }
            #expect(try await planner.allJobs().map(\.track.title) == ["Bonus"])
        }
    }

    @Test func `The recordings of a watch from an earlier version are remembered by its next check`() async throws {
        let catalogue = ShelfCatalogue { shelf in
            shelf.releases[Self.artist] = [
                .test("blue", "Blue", date: "2010-01-01"), .test("deluxe", "Blue (Deluxe)", date: "2027-01-16"),
            ]
            shelf.albumTracks["blue"] = [.test(1), .test(2)]
            shelf.albumTracks["deluxe"] = [.test(1), .test(2), .test(3)]
        }
        try await PlannerFixture.run { planner in
            let entry = try await planner.watch(Self.key)
            try await planner.store.writer.write { db in
                try WatchMemory(watch: entry.number).add(["release:blue"], db)
                try db.execute(sql: "UPDATE watchlist SET runs = 1")
            }
            try await planner.watcher(catalogue).drain()
            #expect(try await planner.allJobs().map(\.track.title) == ["Song 3"])
            let calls = catalogue.calls.count
            planner.clock.advance(by: Self.day)
            try await planner.watcher(catalogue).drain()
            #expect(catalogue.calls.count == calls + 1, "nothing is read twice")
        }
    }

    @Test func `The cooldown also applies to the timer and to a changed interval`() async throws {
        let catalogue = ShelfCatalogue { $0.releases[Self.artist] = [] }
        try await PlannerFixture.run { planner in
            let start = planner.clock.now
            _ = try await planner.watch(Self.key, #","interval_seconds":300,"cooldown_seconds":7200"#)
            try await planner.watcher(catalogue).drain()
            #expect(try await planner.entry(Self.key).dueAt == start + .seconds(7200))
            planner.clock.advance(by: .seconds(600))
            // An entry that is due too early, whatever the reason, waits for its cooldown.
            _ = try await planner.store.changeWatch(Self.key) { $0.dueAt = start }
            try await planner.watcher(catalogue).drain()
            #expect(try await planner.entry(Self.key).runs == 1)
            #expect(try await planner.entry(Self.key).dueAt == start + .seconds(7200))
            planner.clock.advance(by: .seconds(6600))
            try await planner.watcher(catalogue).drain()
            #expect(try await planner.entry(Self.key).runs == 2)
        }
    }

    @Test func `All releases that the catalogue lists are read, also of a collective name`() async throws {
        let catalogue = ShelfCatalogue(pageSize: 500) { shelf in
            shelf.releases[Self.artist] = (0..<2500).map { .test("r\($0)", "R \($0)", date: "2010-01-01") }
        }
        let reader = ExpansionReader(catalogue: catalogue)
        let link = try CatalogueLink("spotify:artist:\(Self.artist)")
        var cursor = ExpansionCursor()
        while !cursor.isListed { cursor = try #require(try await reader.page(of: link, at: cursor).next) }
        #expect(cursor.releases.count == 2500 && catalogue.calls.count == 5)
    }
}
