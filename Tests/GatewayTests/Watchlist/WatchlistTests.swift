import Contracts
import Foundation
import Metadata
import TestSupport
import Testing

@testable import Gateway

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

    @Test func `A new release becomes exactly its tracks, once, with two gateways at work`() async throws {
        let catalogue = Self.catalogue()
        try await GatewayFixture.run { gateway in
            _ = try await gateway.watch(Self.key)
            func look() async throws {
                try await withThrowingTaskGroup { group in
                    for worker in ["one", "two"] {
                        let store = try gateway.secondStore()
                        group.addTask {
                            try await gateway.watcher(catalogue, on: store, worker: worker).drain()
                            try store.close()
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await look()
            #expect(try await gateway.allJobs().isEmpty, "what was there before is no news")
            catalogue.change(Self.addNews)
            try await look()
            #expect(try await gateway.allJobs().isEmpty, "nothing is due yet")
            for _ in 0..<3 {
                gateway.clock.advance(by: Self.day)
                try await look()
            }
            let jobs = try await gateway.allJobs()
            #expect(jobs.map(\.track.title) == (900..<907).map { "Song \($0)" })
            #expect(jobs.allSatisfy { $0.kind == .watchlist && $0.priority == 4 && $0.track.album == "New" })
            #expect(try await gateway.entry(Self.key).runs == 4)
            #expect(try await gateway.store.outboxDepth() == 7)
        }
    }

    @Test func `Whenever everything is restarted during a look, the outcome is the same`() async throws {
        let catalogue = Self.catalogue()
        try await GatewayFixture.run { gateway in
            _ = try await gateway.watch(Self.key)
            try await gateway.watcher(catalogue).drain()
            catalogue.change(Self.addNews)
            gateway.clock.advance(by: Self.day)
            var steps = 0
            while try await gateway.entry(Self.key).runs < 2 {
                steps += 1
                // One dies after it has read; the next one right after a step.
                let first = try gateway.secondStore()
                let doomed = try #require(try await gateway.watcher(catalogue, on: first, worker: "a\(steps)").take())
                _ = try await WatchReader(catalogue: catalogue).page(
                    of: doomed, doomed.presentRun(at: gateway.clock.now))
                try first.close()
                gateway.clock.advance(by: JobStore.leaseTime + .seconds(1))
                let second = try gateway.secondStore()
                #expect(try await gateway.watcher(catalogue, on: second, worker: "b\(steps)").advance())
                try second.close()
            }
            #expect(steps == 4)
            #expect(try await gateway.allJobs().map(\.track.title) == (900..<907).map { "Song \($0)" })
        }
    }

    @Test func `The first look takes what came out since a day, or everything, where that is asked for`() async throws {
        for (more, count) in [(#","since":"2017-05-01""#, 9), (#","backlog":true"#, 30)] {
            try await GatewayFixture.run { gateway in
                let catalogue = Self.catalogue()
                _ = try await gateway.watch(Self.key, more)
                try await gateway.watcher(catalogue).drain()
                #expect(try await gateway.allJobs().count == count, "\(more)")
                gateway.clock.advance(by: Self.day)
                try await gateway.watcher(catalogue).drain()
                #expect(try await gateway.allJobs().count == count)
            }
        }
    }

    @Test func `A look makes no more jobs than its budget; the next ones make the rest, each once`() async throws {
        try await GatewayFixture.run { gateway in
            let catalogue = Self.catalogue()
            _ = try await gateway.watch(Self.key, #","backlog":true,"budget":7,"requested_by":"anna","priority":1"#)
            var totals: [Int] = []
            for _ in 0..<6 {
                try await gateway.watcher(catalogue).drain()
                totals.append(try await gateway.allJobs().count)
                gateway.clock.advance(by: Self.day)
            }
            #expect(totals == [7, 14, 21, 28, 30, 30])
            let jobs = try await gateway.allJobs()
            #expect(Set(jobs.map(\.dedupeKey)).count == 30)
            #expect(jobs.allSatisfy { $0.requestedBy == "anna" && $0.priority <= 1 })
        }
    }

    @Test func `Of a playlist what is added is taken, once, and nothing is read while it stays as it is`() async throws
    {
        let list = ShelfID.of(1, "p")
        let catalogue = ShelfCatalogue(pageSize: 10) { $0.playlists[list] = (0..<25).map { .track(.test($0)) } }
        try await GatewayFixture.run { gateway in
            _ = try await gateway.watch("spotify:playlist:\(list)")
            try await gateway.watcher(catalogue).drain()
            #expect(try await gateway.allJobs().isEmpty)
            let calls = catalogue.calls.count
            gateway.clock.advance(by: Self.day)
            try await gateway.watcher(catalogue).drain()
            #expect(catalogue.calls.count == calls + 1)
            catalogue.change { shelf in
                shelf.playlists[list]?.insert(.track(.test(500)), at: 0)
                shelf.playlists[list]?.append(.track(.test(501)))
                shelf.playlists[list]?.append(.track(.test(500)))
                shelf.snapshots[list] = "2"
            }
            for _ in 0..<2 {
                gateway.clock.advance(by: Self.day)
                try await gateway.watcher(catalogue).drain()
            }
            #expect(try await gateway.allJobs().map(\.track.title) == ["Song 500", "Song 501"])
        }
    }

    @Test func `Of the saved tracks only the newest are read`() async throws {
        let catalogue = ShelfCatalogue(pageSize: 10) { $0.saved = (0..<100).map { .track(.test($0)) } }
        try await GatewayFixture.run { gateway in
            _ = try await gateway.watch("spotify:saved")
            try await gateway.watcher(catalogue).drain()
            catalogue.change { $0.saved.insert(.track(.test(500)), at: 0) }
            let calls = catalogue.calls.count
            gateway.clock.advance(by: Self.day)
            try await gateway.watcher(catalogue).drain()
            #expect(try await gateway.allJobs().map(\.track.title) == ["Song 500"])
            #expect(catalogue.calls.count == calls + 2)
        }
    }

    @Test func `What is paused is not looked at, until it is resumed or its time has come`() async throws {
        let catalogue = Self.catalogue()
        try await GatewayFixture.run { gateway in
            _ = try await gateway.watch(Self.key, #","backlog":true"#)
            let end = gateway.clock.now + .seconds(600)
            _ = try await gateway.store.changeWatch(Self.key) { entry in
                (entry.isPaused, entry.pauseReason, entry.resumeAt) = (true, "holiday", end)
            }
            try await gateway.watcher(catalogue).drain()
            #expect(catalogue.calls.isEmpty)
            gateway.clock.advance(by: .seconds(601))
            try await gateway.watcher(catalogue).drain()
            let entry = try await gateway.entry(Self.key)
            #expect(!entry.isPaused && entry.pauseReason == nil && entry.resumeAt == nil)
            #expect(try await gateway.allJobs().count == 30)
        }
    }

    @Test func `A look that is paused in its middle goes on where it was`() async throws {
        let catalogue = Self.catalogue()
        try await GatewayFixture.run { gateway in
            _ = try await gateway.watch(Self.key, #","backlog":true"#)
            for _ in 0..<6 { _ = try await gateway.watcher(catalogue).advance() }
            let calls = catalogue.calls.count
            _ = try await gateway.store.changeWatch(Self.key) { $0.isPaused = true }
            #expect(try await !gateway.watcher(catalogue).advance())
            _ = try await gateway.store.changeWatch(Self.key) { $0.isPaused = false }
            try await gateway.watcher(catalogue).drain()
            #expect(try await gateway.allJobs().count == 30)
            #expect(catalogue.calls.count == 13 && calls == 6)
        }
    }

    @Test func `A catalogue that pauses is waited for; what it keeps closed is tried at the next interval`()
        async throws
    {
        let catalogue = Self.catalogue()
        try await GatewayFixture.run { gateway in
            _ = try await gateway.watch(Self.key, #","backlog":true"#)
            let until = gateway.clock.now + .seconds(3600)
            catalogue.change { $0.failures = [.paused(until: until, because: "x"), .closed("y")] }
            try await gateway.watcher(catalogue).drain()
            var entry = try await gateway.entry(Self.key)
            #expect(entry.dueAt == until && entry.problem?.code == "paused")
            gateway.clock.advance(by: .seconds(3601))
            try await gateway.watcher(catalogue).drain()
            entry = try await gateway.entry(Self.key)
            #expect(entry.problem?.code == "closed" && entry.runs == 0)
            #expect(catalogue.calls.count == 2)
            gateway.clock.advance(by: Self.day)
            try await gateway.watcher(catalogue).drain()
            #expect(try await gateway.allJobs().count == 30)
            #expect(try await gateway.entry(Self.key).problem == nil)
        }
    }

    @Test func `An entry that is removed during a look makes no more jobs`() async throws {
        let catalogue = Self.catalogue()
        try await GatewayFixture.run { gateway in
            _ = try await gateway.watch(Self.key, #","backlog":true"#)
            for _ in 0..<4 { _ = try await gateway.watcher(catalogue).advance() }
            let before = try await gateway.allJobs().count
            let running = try #require(try await gateway.watcher(catalogue).take())
            try await gateway.store.removeWatch(Self.key)
            try await gateway.watcher(catalogue).step(running)
            #expect(try await gateway.allJobs().count == before)
            #expect(try await gateway.store.watchlist().isEmpty)
        }
    }
}
