import Catalogues
import Contracts
import Foundation
import TestSupport
import Testing

@testable import PlannerService

@Suite struct ExpansionTests {
    private static let list = ShelfID.of(1, "p")
    private static let link = "spotify:playlist:\(list)"

    /// 600 entries: 520 tracks, and every other kind of entry.
    private static func playlist() -> [CatalogueEntry] {
        (0..<600).map { place -> CatalogueEntry in
            switch place % 30 {
            case 3: return .unusable(.gone)
            case 11: return .unusable(.episode)
            case 17: return .unusable(.unnamed)
            case 23 where place > 30: return .track(.test(23))
            case 29:
                var track = CatalogueTrack.test(place)
                track.playable = false
                return .track(track)
            case 5:
                // A local file: names, and no id.
                return .track(
                    CatalogueTrack(id: nil, name: "Tape \(place)", artists: [CatalogueArtist(id: nil, name: "Me")]))
            default: return .track(.test(place))
            }
        }
    }

    /// Expects 520 - 19 tracks, 20 of them local files.
    private static func expect(_ expansion: Expansion, _ jobs: [JobDocument]) {
        #expect(expansion.state == .completed)
        #expect(expansion.counts.read == 600)
        #expect(expansion.total == 600)
        #expect(
            expansion.counts.skipped == ["gone": 20, "episode": 20, "unnamed": 20, "unavailable": 20, "duplicate": 19])
        #expect(expansion.counts.enqueued == 501)
        #expect(jobs.count == 501)
        #expect(Set(jobs.map(\.dedupeKey)).count == 501)
        #expect(jobs.count { $0.track.artist == "Me" } == 20)
        #expect(jobs.first?.track.title == "Song 0")
        #expect(jobs.last?.track.title == "Song 598")
    }

    @Test func `A playlist with entries of all kinds becomes the right jobs, each once`() async throws {
        let catalogue = ShelfCatalogue { $0.playlists[Self.list] = Self.playlist() }
        try await PlannerFixture.run { planner in
            let expansion = try await planner.expand(Self.link, catalogue)
            let jobs = try await planner.allJobs()
            Self.expect(expansion, jobs)
            #expect(try await planner.ledger.outboxDepth() == 501)
            let batch = try #require(try await planner.ledger.batch(expansion.plan.batchID))
            #expect(batch.itemsTotal == 501)
            #expect(jobs.prefix(50).allSatisfy { $0.priority == 6 })
            #expect(jobs[50..<500].allSatisfy { $0.priority == 5 })
            #expect(jobs[500...].allSatisfy { $0.priority == 4 })
        }
    }

    @Test func `A process continues where a dead one stopped, and no entry is lost or submitted twice`() async throws {
        let catalogue = ShelfCatalogue { $0.playlists[Self.list] = Self.playlist() }
        try await PlannerFixture.run { planner in
            let id = try await planner.insert(Self.link)
            var lives = 0
            while try await !planner.expansion(id).state.isFinal {
                lives += 1
                let store = try planner.secondStore()
                // Dies after it has read a page and before it has committed anything.
                let doomed = try #require(try await planner.leaseExpansion(on: store, worker: "life \(lives)"))
                let reader = ExpansionReader(catalogue: catalogue)
                _ = try await reader.page(of: doomed.link, at: doomed.cursor)
                try store.close()
                #expect(
                    try await planner.leaseExpansion(worker: "test") == nil, "the lease of the dead process is valid")
                planner.clock.advance(by: PlannerStore.leaseTime + .seconds(1))
                // Dies right after a step.
                let next = try planner.secondStore()
                #expect(try await planner.expander(catalogue, on: next, worker: "next \(lives)").advance())
                try next.close()
            }
            #expect(lives == 12)
            Self.expect(try await planner.expansion(id), try await planner.allJobs())
        }
    }

    @Test func `A step counts once when two processes run it`() async throws {
        let catalogue = ShelfCatalogue { $0.playlists[Self.list] = Self.playlist() }
        try await PlannerFixture.run { planner in
            let id = try await planner.insert(Self.link)
            let slow = try #require(try await planner.leaseExpansion(worker: "slow"))
            planner.clock.advance(by: PlannerStore.leaseTime + .seconds(1))
            try await planner.expander(catalogue, worker: "quick").drain()
            try await planner.expander(catalogue, worker: "slow").step(slow)
            Self.expect(try await planner.expansion(id), try await planner.allJobs())
        }
    }

    @Test func `Several processes on one database share the links`() async throws {
        let catalogue = ShelfCatalogue { shelf in
            for number in 1...6 {
                shelf.playlists[ShelfID.of(number, "p")] = (0..<120).map { .track(.test(number * 1000 + $0)) }
            }
        }
        try await PlannerFixture.run { planner in
            for number in 1...6 { _ = try await planner.insert("spotify:playlist:\(ShelfID.of(number, "p"))") }
            try await withThrowingTaskGroup { group in
                for worker in ["a", "b", "c"] {
                    let store = try planner.secondStore()
                    group.addTask {
                        try await planner.expander(catalogue, on: store, worker: worker).drain()
                        try store.close()
                    }
                }
                try await group.waitForAll()
            }
            let jobs = try await planner.allJobs()
            #expect(jobs.count == 720)
            #expect(Set(jobs.map(\.dedupeKey)).count == 720)
            #expect(catalogue.calls.count { $0.contains("from") } == 18)
        }
    }

    @Test func `A playlist that changes while it is read is read once more, and nothing is submitted twice`()
        async throws
    {
        let catalogue = ShelfCatalogue(pageSize: 10) { $0.playlists[Self.list] = (0..<30).map { .track(.test($0)) } }
        catalogue.change { shelf in
            shelf.onPage = { [unowned catalogue] offset in
                guard offset == 10 else { return }
                // The first entry is removed: all others move up, and one is missed.
                catalogue.change { shelf in
                    guard shelf.snapshots[Self.list] == nil else { return }
                    shelf.playlists[Self.list]?.removeFirst()
                    shelf.snapshots[Self.list] = "2"
                }
            }
        }
        try await PlannerFixture.run { planner in
            let expansion = try await planner.expand(Self.link, catalogue)
            let jobs = try await planner.allJobs()
            #expect(jobs.count == 30)
            #expect(Set(jobs.map(\.track.title)).count == 30)
            #expect(expansion.counts.read == 29)
            #expect(expansion.counts.skipped.isEmpty)
            #expect(expansion.counts.enqueued == 30)
        }
    }

    @Test func `The jobs have the fields of the link request`() async throws {
        let catalogue = ShelfCatalogue { $0.playlists[Self.list] = [.track(.test(1)), .track(.test(2, isrc: false))] }
        try await PlannerFixture.run { planner in
            _ = try await planner.insert(Self.link) { request in
                request.batchID = JobID("b1") ?? request.batchID
                (request.kind, request.priority, request.requestedBy) = (.backfill, 3, "anna")
                (request.force, request.dedupePrefix) = (true, "party")
                request.expiresAt = Timestamp("2030-01-01T00:00:00Z")
            }
            try await planner.expander(catalogue).drain()
            let jobs = try await planner.allJobs()
            #expect(jobs.map(\.dedupeKey) == ["party:USTST0000001", "party:nina simone|song 2|"])
            for job in jobs {
                #expect(job.batchID == "b1" && job.kind == .backfill && job.priority == 3)
                #expect(job.requestedBy == "anna" && job.force == true)
                #expect(job.expiresAt == Timestamp("2030-01-01T00:00:00Z"))
            }
            #expect(jobs[0].track.spotifyID == ShelfID.of(1))
        }
    }

    @Test func `A track with a running job gets no second job`() async throws {
        let catalogue = ShelfCatalogue { shelf in
            shelf.tracks[ShelfID.of(7)] = .test(7)
            shelf.playlists[Self.list] = [.track(.test(7)), .track(.test(8))]
        }
        try await PlannerFixture.run { planner in
            let one = try await planner.expand("https://open.spotify.com/track/\(ShelfID.of(7))?si=x", catalogue)
            #expect(one.counts.enqueued == 1)
            let list = try await planner.expand(Self.link, catalogue)
            #expect(list.counts.enqueued == 1)
            #expect(list.counts.alreadyEnqueued == 1)
            #expect(try await planner.allJobs().count == 2)
        }
    }

    @Test func `No more entries than the limit are read, and the result says so`() async throws {
        var limits = PlannerLimits()
        limits.expansionItems = 70
        let catalogue = ShelfCatalogue { $0.playlists[Self.list] = (0..<200).map { .track(.test($0)) } }
        try await PlannerFixture.run(limits: limits) { planner in
            let expansion = try await planner.expand(Self.link, catalogue)
            #expect(expansion.state == .completed)
            #expect(expansion.counts.enqueued == 70)
            #expect(expansion.counts.skipped == ["limit": 130])
            #expect(expansion.problem?.code == "limit")
        }
    }

    @Test func `A cancelled link makes no more jobs, and its earlier jobs stay`() async throws {
        let catalogue = ShelfCatalogue { $0.playlists[Self.list] = (0..<200).map { .track(.test($0)) } }
        try await PlannerFixture.run { planner in
            let id = try await planner.insert(Self.link)
            let expander = planner.expander(catalogue)
            #expect(try await expander.advance())
            let running = try #require(try await planner.leaseExpansion(worker: "test"))
            #expect(try await planner.store.cancelExpansion(id)?.state == .cancelled)
            try await expander.step(running)
            try await expander.drain()
            #expect(try await planner.expansion(id).state == .cancelled)
            #expect(try await planner.allJobs().count == 50)
        }
    }
}
