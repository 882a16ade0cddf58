import Catalogues
import Contracts
import Fakes
import Testing

@Suite("Spotify's tracks")
struct SpotifyTracksTests {
    @Test func `A track is read with its album, its artists and its ISRC`() async throws {
        try await CatalogueFixture.running { fixture in
            let track = try await fixture.spotify.track(try fixture.trackID("Tidal (feat. Mira Holt)"))
            #expect(track.artists.map(\.name) == ["Lantern Row", "Mira Holt"])
            #expect(track.isrc == "QZHDM1900006")
            #expect(track.durationMS == 201_000)
            #expect(track.trackNumber == 4 && track.discNumber == 1)
            #expect(track.album?.name == "Night Ferry" && track.album?.kind == .album)
            #expect(track.album?.releaseDate == "2019-05-17")
            #expect(track.album?.artworkURL?.contains("/640/") == true)
        }
    }

    @Test func `A date keeps its precision, and an ISRC is normalised`() async throws {
        try await CatalogueFixture.running { fixture in
            let moons = try await fixture.spotify.track(try fixture.trackID("Paper Moons"))
            #expect(moons.album?.releaseDate == "2011")
            #expect(moons.isrc == "GBHDM1100021")
            let ledger = try await fixture.spotify.track(try fixture.trackID("Ledger"))
            #expect(ledger.isrc == nil)
            let single = try await fixture.spotify.track(try fixture.trackID("Harbour Lights", on: "Harbour Lights"))
            #expect(single.album?.releaseDate == "2019-03")
        }
    }

    @Test func `A replacement for a track has its own id`() async throws {
        try await CatalogueFixture.running { fixture in
            let old = "0000000000000000000000"
            let new = try fixture.trackID("Cast Off")
            fixture.fake.change { $0.relinked[old] = new }
            #expect(try await fixture.spotify.track(old).id == new)
        }
    }

    @Test func `No request is made for a malformed id`() async throws {
        try await CatalogueFixture.running { fixture in
            for id in ["", "short", "../me/tracks", "000000000000000000000?"] {
                await #expect(throws: CatalogueError.notFound("the track \(id)")) {
                    try await fixture.spotify.track(id)
                }
            }
            #expect(fixture.fake.requests.isEmpty)
            let unknown = "zzzzzzzzzzzzzzzzzzzzzz"
            await #expect(throws: CatalogueError.notFound("the track \(unknown)")) {
                try await fixture.spotify.track(unknown)
            }
        }
    }

    @Test func `An ISRC in any spelling finds every release of its recording`() async throws {
        try await CatalogueFixture.running { fixture in
            let found = try await fixture.spotify.tracks(isrc: "qz-hdm-19-00001")
            #expect(Set(found.compactMap { $0.album?.name }) == ["Harbour Lights", "Night Ferry", "Ferry Tales"])
            #expect(try await fixture.spotify.tracks(isrc: "QZHDM9999999").isEmpty)
            #expect(try await fixture.spotify.tracks(isrc: "not an ISRC").isEmpty)
            #expect(fixture.fake.requests.count == 2)
            #expect(fixture.fake.requests[0].target.contains("q=isrc%3AQZHDM1900001"))
        }
    }

    @Test func `A search returns exact and similar names, and accepts null results`() async throws {
        var sample = SpotifyFixture.sample
        sample.searchHasNulls = true
        try await CatalogueFixture.running(sample) { fixture in
            let found = try await fixture.spotify.search(CatalogueQuery(artist: "Lantern Row", title: "Harbour Lights"))
            #expect(found.first?.name == "Harbour Lights")
            #expect(found.contains { $0.name == "Harbour Lights - Otter Remix" })
            let latin = try await fixture.spotify.search(
                CatalogueQuery(artist: "Severny Prichal", title: "Reka i \"most\""))
            #expect(latin.first?.name == "Река и мост")
            // Development mode allows ten results at most.
            #expect(fixture.fake.requests.allSatisfy { $0.status == 200 })
        }
    }
}
