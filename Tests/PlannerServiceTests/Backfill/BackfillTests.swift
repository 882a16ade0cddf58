import Catalogues
import Contracts
import Foundation
import TestSupport
import Testing

@testable import PlannerService

@Suite struct BackfillTests {
    private static let album = ShelfID.of(1, "b")

    /// An album of six tracks, and a single.
    private static func catalogue() -> ShelfCatalogue {
        ShelfCatalogue { shelf in
            let release = CatalogueAlbum.test(album, "Blue", date: "2020-05-01", total: 6)
            let single = CatalogueAlbum.test(ShelfID.of(2, "b"), "Alone", kind: .single)
            shelf.albums[album] = release
            shelf.albums[ShelfID.of(2, "b")] = single
            shelf.albumTracks[album] = (1...6).map { .test($0, isrc: false, disc: 1, track: $0) }
            shelf.albumTracks[ShelfID.of(2, "b")] = (20..<23).map { .test($0, isrc: false) }
            for number in 1...6 {
                shelf.tracks[ShelfID.of(number)] = .test(number, album: release, disc: 1, track: number)
            }
            shelf.tracks[ShelfID.of(20)] = .test(20, album: single)
        }
    }

    /// Four of the album's tracks, one of the single's three, and two that nobody knows.
    private static func library() -> ShelfLibrary {
        ShelfLibrary(
            (1...4).map { .test("Song \($0)", album: "Blue") }
                + [.test("Song 20"), .test("Unheard of"), LibraryFile(path: "x.flac", sha256: "x", track: nil)])
    }

    @Test func `Metadata of files is found and stored, and missing tracks of albums become jobs`() async throws {
        try await PlannerFixture.run { planner in
            let library = Self.library()
            let id = try await planner.store.beginBackfill(BackfillTerms(maxItems: 100)).id
            try await planner.backfiller(Self.catalogue(), library).drain()
            let backfill = try await planner.backfill(id)
            #expect(backfill.state == .completed)
            #expect(backfill.counts.processed == 7 && backfill.counts.asked == 6 && backfill.counts.matched == 5)
            #expect(backfill.counts.albums == 1 && backfill.counts.tracks == 2)
            let jobs = try await planner.allJobs()
            #expect(jobs.map(\.track.title) == ["Song 5", "Song 6"])
            #expect(jobs.allSatisfy { $0.kind == .backfill && $0.priority == 2 && $0.batchID == "backfill-1" })
            let file = try #require(library.files.first { $0.path.hasSuffix("Song 1.flac") })
            #expect(file.track?.isrc == "USTST0000001" && file.track?.spotifyID == ShelfID.of(1))
            #expect(file.track?.releaseDate == "2020-05-01" && file.track?.trackNumber == 1)
            #expect(file.albumLink == "spotify:album:\(Self.album)")
        }
    }

    @Test func `Files with complete metadata are not looked up again, unless requested`() async throws {
        try await PlannerFixture.run { planner in
            let library = Self.library()
            let catalogue = Self.catalogue()
            _ = try await planner.store.beginBackfill(BackfillTerms(maxItems: 100))
            try await planner.backfiller(catalogue, library).drain()
            for (includesKnown, asked) in [(true, 1), (false, 6)] {
                var terms = BackfillTerms(maxItems: 100)
                terms.includesKnown = includesKnown
                let id = try await planner.store.beginBackfill(terms).id
                try await planner.backfiller(catalogue, library).drain()
                let counts = try await planner.backfill(id).counts
                #expect(counts.asked == asked && counts.known == (includesKnown ? 5 : 0))
                #expect(counts.tracks == 0, "their jobs are running")
            }
            #expect(try await planner.allJobs().count == 2)
        }
    }

    @Test func `A process continues where a dead one stopped, and the result is the same`() async throws {
        try await PlannerFixture.run { planner in
            let library = Self.library()
            let catalogue = Self.catalogue()
            let id = try await planner.store.beginBackfill(BackfillTerms(maxItems: 100)).id
            var lives = 0
            while try await !planner.backfill(id).state.isFinal {
                lives += 1
                let first = try planner.secondStore()
                let doomed = try #require(try await planner.leaseBackfill(on: first, worker: "a\(lives)"))
                let reader = BackfillReader(
                    catalogue: catalogue, library: library, unmatchedJobs: LedgerJobs(ledger: planner.ledger),
                    store: first, logger: planner.context(nil).logger)
                _ = try await reader.page(of: doomed)
                try first.close()
                planner.clock.advance(by: PlannerStore.leaseTime + .seconds(1))
                let second = try planner.secondStore()
                #expect(try await planner.backfiller(catalogue, library, on: second, worker: "b\(lives)").advance())
                try second.close()
            }
            let counts = try await planner.backfill(id).counts
            #expect(counts.processed == 7 && counts.tracks == 2 && counts.albums == 1)
            #expect(try await planner.allJobs().map(\.track.title) == ["Song 5", "Song 6"])
        }
    }

    @Test func `A job that found nothing is submitted again with the catalogue's fields, under its own key`()
        async throws
    {
        try await PlannerFixture.run { planner in
            for title in ["Song 3", "Unheard of"] { try await planner.addUnmatchedJob(title) }
            let id = try await planner.store.beginBackfill(BackfillTerms(maxItems: 100)).id
            try await planner.backfiller(Self.catalogue(), ShelfLibrary([])).drain()
            let counts = try await planner.backfill(id).counts
            #expect(counts.jobs == 1 && counts.processed == 2 && counts.matched == 1)
            let job = try #require(try await planner.allJobs().last)
            #expect(job.track.isrc == "USTST0000003" && job.dedupeKey == "nina simone|song 3|")
            #expect(job.kind == .backfill)
        }
    }

    @Test func `No more is looked up than requested`() async throws {
        try await PlannerFixture.run { planner in
            let catalogue = Self.catalogue()
            let id = try await planner.store.beginBackfill(.albumless(3)).id
            try await planner.backfiller(catalogue, Self.library()).drain()
            let backfill = try await planner.backfill(id)
            #expect(backfill.state == .completed && backfill.counts.processed == 3)
            #expect(try await planner.allJobs().isEmpty)
        }
    }

    @Test func `A backfill waits for the move service and for the catalogue, with the reason`() async throws {
        try await PlannerFixture.run { planner in
            let library = Self.library()
            library.state.withLock { $0.isAway = true }
            let id = try await planner.store.beginBackfill(BackfillTerms(maxItems: 100)).id
            try await planner.backfiller(Self.catalogue(), library).drain()
            #expect(try await planner.backfill(id).problem?.code == "library_unavailable")
            library.state.withLock { $0.isAway = false }
            planner.clock.advance(by: .seconds(6))
            let until = planner.clock.now + .seconds(3600)
            let catalogue = Self.catalogue()
            catalogue.change { $0.failures = [.paused(until: until, because: "x")] }
            try await planner.backfiller(catalogue, library).drain()
            let waiting = try await planner.backfill(id)
            #expect(waiting.problem?.code == "paused" && waiting.dueAt == until && !waiting.state.isFinal)
            planner.clock.advance(by: .seconds(3601))
            try await planner.backfiller(catalogue, library).drain()
            #expect(try await planner.backfill(id).state == .completed)
        }
    }

    @Test func `A backfill is begun, shown, paused, resumed and cancelled over HTTP`() async throws {
        try await withPlannerRoutes { planner, client in
            let path = "/api/v1/spotify/backfill"
            let begun = try await client.post("\(path)/run", #"{"max_items":50,"expand_playlists":false}"#)
            #expect(begun.status == 202 && begun.json["ok"] == .bool(true))
            let id = try #require(begun.json["job_id"]?.stringValue)
            #expect(begun.json["state"] == "queued" && begun.json["counts"]?["requested"] == 50)
            let second = try await client.post("\(path)/run", "")
            #expect(second.status == 409 && second.json["error"]?["meta"]?["job_id"] == .string(id))
            let paused = try await client.post("\(path)/jobs/\(id)/pause", "")
            #expect(paused.json["state"] == "paused")
            let library = Self.library()
            try await planner.backfiller(Self.catalogue(), library).drain()
            #expect(library.state.withLock { $0.stored } == 0)
            #expect(try await client.post("\(path)/jobs/\(id)/resume", "").json["state"] == "running")
            #expect(try await client.post("\(path)/jobs/\(id)/cancel", "").json["state"] == "cancelled")
            #expect(try await client.post("\(path)/jobs/\(id)/resume", "").status == 409)
            let shown = try await client.get("\(path)/jobs/\(id)")
            #expect(shown.json["expand_playlists"] == .bool(false) && shown.json["error"] == .null)
            #expect(try await client.get("\(path)/jobs?limit=5").json["jobs"]?.first?["job_id"] == .string(id))
            #expect(try await client.get("\(path)/jobs/unknown").status == 404)
            #expect(try await client.post("\(path)/run", #"{"max_items":0}"#).status == 400)
        }
    }
}

extension BackfillTerms {
    static func albumless(_ maxItems: Int) -> BackfillTerms {
        var terms = BackfillTerms(maxItems: maxItems)
        terms.expandsAlbums = false
        return terms
    }
}
