import Contracts
import Metadata
import Fakes
import Testing

@Suite("Spotify's tracks")
struct SpotifyTracksTests {
    @Test func `A track is read with its album, its artists and its code`() async throws {
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

    @Test func `A date is as precise as it is known, and a code is brought into its form`() async throws {
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

    @Test func `A track that has taken another one's place comes under its own id`() async throws {
        try await CatalogueFixture.running { fixture in
            let old = "0000000000000000000000"
            let new = try fixture.trackID("Cast Off")
            fixture.fake.change { $0.relinked[old] = new }
            #expect(try await fixture.spotify.track(old).id == new)
        }
    }

    @Test func `What cannot be an id is not asked for`() async throws {
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

    @Test func `A code finds every release of its recording, however it is written`() async throws {
        try await CatalogueFixture.running { fixture in
            let found = try await fixture.spotify.tracks(isrc: "qz-hdm-19-00001")
            #expect(Set(found.compactMap { $0.album?.name }) == ["Harbour Lights", "Night Ferry", "Ferry Tales"])
            #expect(try await fixture.spotify.tracks(isrc: "QZHDM9999999").isEmpty)
            #expect(try await fixture.spotify.tracks(isrc: "not a code").isEmpty)
            #expect(fixture.fake.requests.count == 2)
            #expect(fixture.fake.requests[0].target.contains("q=isrc%3AQZHDM1900001"))
        }
    }

    @Test func `A search finds names, gives what resembles them, and bears nulls among the results`() async throws {
        var sample = SpotifyFixture.sample
        sample.searchHasNulls = true
        try await CatalogueFixture.running(sample) { fixture in
            let found = try await fixture.spotify.search(CatalogueQuery(artist: "Lantern Row", title: "Harbour Lights"))
            #expect(found.first?.name == "Harbour Lights")
            #expect(found.contains { $0.name == "Harbour Lights - Otter Remix" })
            let latin = try await fixture.spotify.search(
                CatalogueQuery(artist: "Severny Prichal", title: "Reka i \"most\""))
            #expect(latin.first?.name == "Река и мост")
            // Development mode: ten at most.
            #expect(fixture.fake.requests.allSatisfy { $0.status == 200 })
        }
    }

    @Test func `Limits of development mode are the stand-in's as well`() async throws {
        try await CatalogueFixture.running { fixture in
            let token = fixture.fake.issueToken(user: SpotifyFixture.listener)
            let list = try fixture.playlistID("Evening")
            let asked = [
                ("/search?q=x&type=track&limit=11", 400), ("/playlists/\(list)/tracks", 403), ("/tracks?ids=a,b", 403),
                ("/me", 200), ("/me/playlists", 200), ("/markets", 403),
            ]
            for (path, status) in asked {
                #expect(try await CannedResponses.status(of: fixture.fake.apiURL + path, token) == status, "\(path)")
            }
            #expect(try await CannedResponses.status(of: fixture.fake.apiURL + "/me", "a stranger's") == 401)
            let app = fixture.fake.issueToken()
            #expect(try await CannedResponses.status(of: fixture.fake.apiURL + "/me/tracks", app) == 401)
            let narrow = fixture.fake.issueToken(user: SpotifyFixture.listener, scopes: [])
            #expect(try await CannedResponses.status(of: fixture.fake.apiURL + "/me/tracks", narrow) == 403)
        }
    }
}
