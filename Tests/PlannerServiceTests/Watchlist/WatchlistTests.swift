import Catalogues
import Contracts
import Foundation
import TestSupport
import Testing

@testable import PlannerService

@Suite struct WatchlistTests {
    private static let artist = ShelfID.of(1, "a")
    private static let key = "spotify:\(artist)"
    private static let day: Duration = .seconds(86_401)

    /// An artist with ten old albums of three tracks.
    private static func catalogue() -> ShelfCatalogue {
        ShelfCatalogue(pageSize: 4) { shelf in
            shelf.releases[artist] = (0..<10).map { .test("old\($0)", "Old \($0)", date: "201\($0)") }
            for album in 0..<10 { shelf.albumTracks["old\(album)"] = (0..<3).map { .test(album * 10 + $0) } }
        }
    }

    @Sendable private static func addNews(_ shelf: inout ShelfCatalogue.Shelf) {
        shelf.releases[artist]?.insert(.test("new", "New", date: "2027-01", upc: "9"), at: 3)
        shelf.releases[artist]?.append(.test("again", "New (Import)", date: "2027-01-16", upc: "09"))
        shelf.albumTracks["new"] = (0..<7).map { .test(900 + $0, isrc: false) }
    }

    @Test func `A new release becomes exactly its tracks, once, with two planners at work`() async throws {
        let catalogue = Self.catalogue()
        try await PlannerFixture.run { planner in
            _ = try await planner.watch(Self.key)
            func check() async throws {
                try await withThrowingTaskGroup { group in
                    for worker in ["one", "two"] {
                        let store = try planner.secondStore()
                        group.addTask {
                            try await planner.watcher(catalogue, on: store, worker: worker).drain()
                            try store.close()
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await check()
            #expect(try await planner.allJobs().isEmpty, "old releases are not new")
            catalogue.change(Self.addNews)
            try await check()
            #expect(try await planner.allJobs().isEmpty, "nothing is due yet")
            for _ in 0..<3 {
                planner.clock.advance(by: Self.day)
                try await check()
            }
            let jobs = try await planner.allJobs()
            #expect(jobs.map(\.track.title) == (900..<907).map { "Song \($0)" })
            #expect(jobs.allSatisfy { $0.kind == .watchlist && $0.priority == 4 && $0.track.album == "New" })
            #expect(try await planner.entry(Self.key).runs == 4)
            #expect(try await planner.ledger.outboxDepth() == 7)
        }
    }

    @Test func `Restarts during a check do not change its result`() async throws {
        let catalogue = Self.catalogue()
        try await PlannerFixture.run { planner in
            _ = try await planner.watch(Self.key)
            try await planner.watcher(catalogue).drain()
            catalogue.change(Self.addNews)
            planner.clock.advance(by: Self.day)
            var steps = 0
            while try await planner.entry(Self.key).runs < 2 {
                steps += 1
                // One dies after it has read; the next one right after a step.
                let first = try planner.secondStore()
                let doomed = try #require(try await planner.leaseWatch(on: first, worker: "a\(steps)"))
                _ = try await WatchReader(catalogue: catalogue).page(
                    of: doomed, doomed.presentRun(at: planner.clock.now))
                try first.close()
                planner.clock.advance(by: PlannerStore.leaseTime + .seconds(1))
                let second = try planner.secondStore()
                #expect(try await planner.watcher(catalogue, on: second, worker: "b\(steps)").advance())
                try second.close()
            }
            #expect(steps == 4)
            #expect(try await planner.allJobs().map(\.track.title) == (900..<907).map { "Song \($0)" })
        }
    }

    @Test func `The first check submits releases since a day, or everything if requested`() async throws {
        for (more, count) in [(#","since":"2017-05-01""#, 9), (#","backlog":true"#, 30)] {
            try await PlannerFixture.run { planner in
                let catalogue = Self.catalogue()
                _ = try await planner.watch(Self.key, more)
                try await planner.watcher(catalogue).drain()
                #expect(try await planner.allJobs().count == count, "\(more)")
                planner.clock.advance(by: Self.day)
                try await planner.watcher(catalogue).drain()
                #expect(try await planner.allJobs().count == count)
            }
        }
    }

    @Test func `A check makes no more jobs than its budget; the next ones submit the rest, each once`() async throws {
        try await PlannerFixture.run { planner in
            let catalogue = Self.catalogue()
            _ = try await planner.watch(Self.key, #","backlog":true,"budget":7,"requested_by":"anna","priority":1"#)
            var totals: [Int] = []
            for _ in 0..<6 {
                try await planner.watcher(catalogue).drain()
                totals.append(try await planner.allJobs().count)
                planner.clock.advance(by: Self.day)
            }
            #expect(totals == [7, 14, 21, 28, 30, 30])
            let jobs = try await planner.allJobs()
            #expect(Set(jobs.map(\.dedupeKey)).count == 30)
            #expect(jobs.allSatisfy { $0.requestedBy == "anna" && $0.priority <= 1 })
        }
    }

    @Test func `New entries of a playlist are submitted once, and an unchanged playlist is not read`() async throws {
        let list = ShelfID.of(1, "p")
        let catalogue = ShelfCatalogue(pageSize: 10) { $0.playlists[list] = (0..<25).map { .track(.test($0)) } }
        try await PlannerFixture.run { planner in
            _ = try await planner.watch("spotify:playlist:\(list)")
            try await planner.watcher(catalogue).drain()
            #expect(try await planner.allJobs().isEmpty)
            let calls = catalogue.calls.count
            planner.clock.advance(by: Self.day)
            try await planner.watcher(catalogue).drain()
            #expect(catalogue.calls.count == calls + 1)
            catalogue.change { shelf in
                shelf.playlists[list]?.insert(.track(.test(500)), at: 0)
                shelf.playlists[list]?.append(.track(.test(501)))
                shelf.playlists[list]?.append(.track(.test(500)))
                shelf.snapshots[list] = "2"
            }
            for _ in 0..<2 {
                planner.clock.advance(by: Self.day)
                try await planner.watcher(catalogue).drain()
            }
            #expect(try await planner.allJobs().map(\.track.title) == ["Song 500", "Song 501"])
        }
    }

    @Test func `Of the saved tracks only the newest are read after the first check`() async throws {
        let catalogue = ShelfCatalogue(pageSize: 10) { $0.saved = (0..<100).map { .track(.test($0)) } }
        try await PlannerFixture.run { planner in
            _ = try await planner.watch("spotify:saved")
            try await planner.watcher(catalogue).drain()
            catalogue.change { $0.saved.insert(.track(.test(500)), at: 0) }
            let calls = catalogue.calls.count
            planner.clock.advance(by: Self.day)
            try await planner.watcher(catalogue).drain()
            #expect(try await planner.allJobs().map(\.track.title) == ["Song 500"])
            #expect(catalogue.calls.count == calls + 2)
        }
    }

    @Test func `A paused entry is not checked until it is resumed or the pause ends`() async throws {
        let catalogue = Self.catalogue()
        try await PlannerFixture.run { planner in
            _ = try await planner.watch(Self.key, #","backlog":true"#)
            let end = planner.clock.now + .seconds(600)
            _ = try await planner.store.changeWatch(Self.key) { entry in
                (entry.isPaused, entry.pauseReason, entry.resumeAt) = (true, "holiday", end)
            }
            try await planner.watcher(catalogue).drain()
            #expect(catalogue.calls.isEmpty)
            planner.clock.advance(by: .seconds(601))
            try await planner.watcher(catalogue).drain()
            let entry = try await planner.entry(Self.key)
            #expect(!entry.isPaused && entry.pauseReason == nil && entry.resumeAt == nil)
            #expect(try await planner.allJobs().count == 30)
        }
    }

    @Test func `A check that is paused continues where it stopped`() async throws {
        let catalogue = Self.catalogue()
        try await PlannerFixture.run { planner in
            _ = try await planner.watch(Self.key, #","backlog":true"#)
            for _ in 0..<6 { _ = try await planner.watcher(catalogue).advance() }
            let calls = catalogue.calls.count
            _ = try await planner.store.changeWatch(Self.key) { $0.isPaused = true }
            #expect(try await !planner.watcher(catalogue).advance())
            _ = try await planner.store.changeWatch(Self.key) { $0.isPaused = false }
            try await planner.watcher(catalogue).drain()
            #expect(try await planner.allJobs().count == 30)
            #expect(catalogue.calls.count == 13 && calls == 6)
        }
    }

    @Test func `A check waits for a catalogue that pauses; a closed list is tried at the next interval`()
        async throws
    {
        let catalogue = Self.catalogue()
        try await PlannerFixture.run { planner in
            _ = try await planner.watch(Self.key, #","backlog":true"#)
            let until = planner.clock.now + .seconds(3600)
            catalogue.change { $0.failures = [.paused(until: until, because: "x"), .closed("y")] }
            try await planner.watcher(catalogue).drain()
            var entry = try await planner.entry(Self.key)
            #expect(entry.dueAt == until && entry.problem?.code == "paused")
            planner.clock.advance(by: .seconds(3601))
            try await planner.watcher(catalogue).drain()
            entry = try await planner.entry(Self.key)
            #expect(entry.problem?.code == "closed" && entry.runs == 0)
            #expect(catalogue.calls.count == 2)
            planner.clock.advance(by: Self.day)
            try await planner.watcher(catalogue).drain()
            #expect(try await planner.allJobs().count == 30)
            #expect(try await planner.entry(Self.key).problem == nil)
        }
    }

    @Test func `An entry that is removed during a check makes no more jobs`() async throws {
        let catalogue = Self.catalogue()
        try await PlannerFixture.run { planner in
            _ = try await planner.watch(Self.key, #","backlog":true"#)
            for _ in 0..<4 { _ = try await planner.watcher(catalogue).advance() }
            let before = try await planner.allJobs().count
            let running = try #require(try await planner.leaseWatch(worker: "test"))
            try await planner.store.removeWatch(Self.key)
            try await planner.watcher(catalogue).step(running)
            #expect(try await planner.allJobs().count == before)
            #expect(try await planner.store.watchlist().isEmpty)
        }
    }
}
