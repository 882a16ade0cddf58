import Contracts
import Foundation
import Metadata
import TestSupport
import Testing

@testable import Gateway

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

    @Test func `Metadata of files is found and kept, and missing tracks of albums become jobs`() async throws {
        try await GatewayFixture.run { gateway in
            let library = Self.library()
            let id = try await gateway.store.beginBackfill(BackfillTerms(maxItems: 100)).id
            try await gateway.backfiller(Self.catalogue(), library).drain()
            let backfill = try await gateway.backfill(id)
            #expect(backfill.state == .completed)
            #expect(backfill.counts.processed == 7 && backfill.counts.asked == 6 && backfill.counts.matched == 5)
            #expect(backfill.counts.albums == 1 && backfill.counts.tracks == 2)
            let jobs = try await gateway.allJobs()
            #expect(jobs.map(\.track.title) == ["Song 5", "Song 6"])
            #expect(jobs.allSatisfy { $0.kind == .backfill && $0.priority == 2 && $0.batchID == "backfill-1" })
            let file = try #require(library.files.first { $0.path.hasSuffix("Song 1.flac") })
            #expect(file.track?.isrc == "USTST0000001" && file.track?.spotifyID == ShelfID.of(1))
            #expect(file.track?.releaseDate == "2020-05-01" && file.track?.trackNumber == 1)
            #expect(file.albumLink == "spotify:album:\(Self.album)")
        }
    }

    @Test func `What was found before is not asked again, unless that is wished for`() async throws {
        try await GatewayFixture.run { gateway in
            let library = Self.library()
            let catalogue = Self.catalogue()
            _ = try await gateway.store.beginBackfill(BackfillTerms(maxItems: 100))
            try await gateway.backfiller(catalogue, library).drain()
            for (includesKnown, asked) in [(true, 1), (false, 6)] {
                var terms = BackfillTerms(maxItems: 100)
                terms.includesKnown = includesKnown
                let id = try await gateway.store.beginBackfill(terms).id
                try await gateway.backfiller(catalogue, library).drain()
                let counts = try await gateway.backfill(id).counts
                #expect(counts.asked == asked && counts.known == (includesKnown ? 5 : 0))
                #expect(counts.tracks == 0, "they are under way")
            }
            #expect(try await gateway.allJobs().count == 2)
        }
    }

    @Test func `Whenever the process dies, another one goes on, and the outcome is the same`() async throws {
        try await GatewayFixture.run { gateway in
            let library = Self.library()
            let catalogue = Self.catalogue()
            let id = try await gateway.store.beginBackfill(BackfillTerms(maxItems: 100)).id
            var lives = 0
            while try await !gateway.backfill(id).state.isFinal {
                lives += 1
                let first = try gateway.secondStore()
                let doomed = try #require(
                    try await gateway.backfiller(catalogue, library, on: first, worker: "a\(lives)").take())
                _ = try await BackfillReader(catalogue: catalogue, library: library, store: first).page(of: doomed)
                try first.close()
                gateway.clock.advance(by: JobStore.leaseTime + .seconds(1))
                let second = try gateway.secondStore()
                #expect(try await gateway.backfiller(catalogue, library, on: second, worker: "b\(lives)").advance())
                try second.close()
            }
            let counts = try await gateway.backfill(id).counts
            #expect(counts.processed == 7 && counts.tracks == 2 && counts.albums == 1)
            #expect(try await gateway.allJobs().map(\.track.title) == ["Song 5", "Song 6"])
        }
    }

    @Test func `A request that found nothing is asked for again with what the catalogue knows, under its own key`()
        async throws
    {
        try await GatewayFixture.run { gateway in
            for title in ["Song 3", "Unheard of"] {
                let item = try await gateway.submit(title: title)
                var event = JobEvent.test(
                    .deadLettered, .match, .deadLetter, hop: 0, job: item.jobID, key: item.dedupeKey)
                event.code = .noMatch
                try await gateway.tell(event)
            }
            let id = try await gateway.store.beginBackfill(BackfillTerms(maxItems: 100)).id
            try await gateway.backfiller(Self.catalogue(), ShelfLibrary([])).drain()
            let counts = try await gateway.backfill(id).counts
            #expect(counts.jobs == 1 && counts.processed == 2 && counts.matched == 1)
            let job = try #require(try await gateway.allJobs().last)
            #expect(job.track.isrc == "USTST0000003" && job.dedupeKey == "nina simone|song 3|")
            #expect(job.kind == .backfill)
        }
    }

    @Test func `No more is looked up than asked for`() async throws {
        try await GatewayFixture.run { gateway in
            let catalogue = Self.catalogue()
            let id = try await gateway.store.beginBackfill(BackfillTerms(maxItems: 3, expandsAlbums: false)).id
            try await gateway.backfiller(catalogue, Self.library()).drain()
            let backfill = try await gateway.backfill(id)
            #expect(backfill.state == .completed && backfill.counts.processed == 3)
            #expect(try await gateway.allJobs().isEmpty)
        }
    }

    @Test func `It waits for the move service and for the catalogue, and says why`() async throws {
        try await GatewayFixture.run { gateway in
            let library = Self.library()
            library.state.withLock { $0.isAway = true }
            let id = try await gateway.store.beginBackfill(BackfillTerms(maxItems: 100)).id
            try await gateway.backfiller(Self.catalogue(), library).drain()
            #expect(try await gateway.backfill(id).problem?.code == "library_unavailable")
            library.state.withLock { $0.isAway = false }
            gateway.clock.advance(by: .seconds(6))
            let until = gateway.clock.now + .seconds(3600)
            let catalogue = Self.catalogue()
            catalogue.change { $0.failures = [.paused(until: until, because: "x")] }
            try await gateway.backfiller(catalogue, library).drain()
            let waiting = try await gateway.backfill(id)
            #expect(waiting.problem?.code == "paused" && waiting.dueAt == until && !waiting.state.isFinal)
            gateway.clock.advance(by: .seconds(3601))
            try await gateway.backfiller(catalogue, library).drain()
            #expect(try await gateway.backfill(id).state == .completed)
        }
    }

    @Test func `A name that could be several recordings is left alone`() async throws {
        let catalogue = ShelfCatalogue { shelf in
            shelf.tracks["1"] = .test(1, title: "Blue")
            shelf.tracks["2"] = .test(2, title: "Blue")
        }
        let lookup = TrackLookup(catalogue: catalogue)
        #expect(try await lookup.find(Track(artist: "Nina Simone", title: "Blue")) == nil)
        catalogue.change { $0.tracks["2"]?.durationMS = 600_000 }
        catalogue.change { $0.tracks["1"]?.durationMS = 200_000 }
        var long = Track(artist: "Nina Simone", title: "Blue")
        long.durationMS = 601_500
        #expect(try await lookup.find(long)?.isrc == "USTST0000002")
    }

    @Test func `Over HTTP it is begun, shown, paused, resumed and cancelled`() async throws {
        try await withGatewayRoutes { gateway, client in
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
            try await gateway.backfiller(Self.catalogue(), library).drain()
            #expect(library.state.withLock { $0.kept } == 0)
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
