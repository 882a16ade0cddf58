import Catalogues
import Contracts
import Foundation
import TestSupport
import Testing

@testable import PlannerService

@Suite struct ExpansionReleaseTests {
    private static let artist = ShelfID.of(1, "a")

    @Test func `The tracks of an album have numbers, totals by disc, and the album's date`() async throws {
        let id = ShelfID.of(1, "b")
        let catalogue = ShelfCatalogue(pageSize: 2) { shelf in
            shelf.albums[id] = .test(id, "Live", date: "1981-12", total: 5)
            shelf.albumTracks[id] = [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)].map {
                .test($0 * 10 + $1, isrc: false, disc: $0, track: $1)
            }
        }
        try await PlannerFixture.run { planner in
            let expansion = try await planner.expand("https://open.spotify.com/intl-de/album/\(id)", catalogue)
            #expect(expansion.state == .completed)
            let tracks = try await planner.allJobs().map(\.track)
            #expect(tracks.map(\.trackNumber) == [1, 2, 3, 1, 2])
            #expect(tracks.map(\.discNumber) == [1, 1, 1, 2, 2])
            #expect(tracks.map(\.trackTotal) == [3, 3, 3, 2, 2])
            #expect(tracks.allSatisfy { $0.album == "Live" && $0.releaseDate == "1981-12" })
            #expect(tracks.allSatisfy { $0.albumArtist == "Nina Simone" && $0.spotifyID != nil })
        }
    }

    @Test func `An artist becomes all releases once, and a track of several of them one job`() async throws {
        let catalogue = ShelfCatalogue(pageSize: 2) { shelf in
            shelf.releases[Self.artist] = [
                .test("single", "Blue", kind: .single, date: "2020-01-01"),
                .test("album", "Blue", date: "2020-05-01", upc: "0123"),
                // The same for another market.
                .test("album2", "Blue (Import)", date: "2020-06-01", upc: "123"),
                .test("album3", " BLUE", date: "2020-05-01"),
                .test("gone", "Green", date: "2021"),
            ]
            shelf.albumTracks["album"] = [.test(1, title: "Blue", isrc: false), .test(2, title: "Sky", isrc: false)]
            shelf.albumTracks["single"] = [
                .test(11, title: "blue", isrc: false), .test(12, title: "Blue - Live", isrc: false),
            ]
        }
        try await PlannerFixture.run { planner in
            let expansion = try await planner.expand("spotify:artist:\(Self.artist)", catalogue)
            #expect(expansion.state == .completed)
            let tracks = try await planner.allJobs().map(\.track)
            #expect(tracks.map(\.title) == ["Blue", "Sky", "Blue - Live"])
            #expect(tracks[0].album == "Blue" && tracks[0].releaseDate == "2020-05-01")
            #expect(expansion.counts.skipped == ["duplicate": 1, "gone": 1])
            #expect(!catalogue.calls.contains { $0.hasPrefix("album album2") || $0.hasPrefix("album album3") })
        }
    }

    @Test func `The saved tracks are read, and once more when their number changed meanwhile`() async throws {
        let catalogue = ShelfCatalogue(pageSize: 10) { $0.saved = (0..<25).map { .track(.test($0)) } }
        try await PlannerFixture.run { planner in
            _ = try await planner.insert("https://open.spotify.com/collection/tracks")
            let expander = planner.expander(catalogue)
            #expect(try await expander.advance())
            catalogue.change { $0.saved.removeFirst() }
            try await expander.drain()
            let jobs = try await planner.allJobs()
            #expect(Set(jobs.map(\.track.title)).count == 25)
            #expect(jobs.count == 25)
        }
    }
}
