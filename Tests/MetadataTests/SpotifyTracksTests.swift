import Contracts
import Metadata
import TestSupport
import Testing

@Suite("Spotify's tracks")
struct SpotifyTracksTests {
    @Test func `A track is read with its album, its artists and its code`() async throws {
        try await CatalogueWorld.running { world in
            let track = try await world.spotify.track(try world.trackID("Tidal (feat. Mira Holt)"))
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
        try await CatalogueWorld.running { world in
            let moons = try await world.spotify.track(try world.trackID("Paper Moons"))
            #expect(moons.album?.releaseDate == "2011")
            #expect(moons.isrc == "GBHDM1100021")
            let ledger = try await world.spotify.track(try world.trackID("Ledger"))
            #expect(ledger.isrc == nil)
            let single = try await world.spotify.track(try world.trackID("Harbour Lights", on: "Harbour Lights"))
            #expect(single.album?.releaseDate == "2019-03")
        }
    }

    @Test func `A track that has taken another one's place comes under its own id`() async throws {
        try await CatalogueWorld.running { world in
            let old = "0000000000000000000000"
            let new = try world.trackID("Cast Off")
            world.standIn.change { $0.relinked[old] = new }
            #expect(try await world.spotify.track(old).id == new)
        }
    }

    @Test func `What cannot be an id is not asked for`() async throws {
        try await CatalogueWorld.running { world in
            for id in ["", "short", "../me/tracks", "000000000000000000000?"] {
                await #expect(throws: CatalogueError.notFound("the track \(id)")) { try await world.spotify.track(id) }
            }
            #expect(world.standIn.requests.isEmpty)
            let unknown = "zzzzzzzzzzzzzzzzzzzzzz"
            await #expect(throws: CatalogueError.notFound("the track \(unknown)")) {
                try await world.spotify.track(unknown)
            }
        }
    }

    @Test func `A code finds every release of its recording, however it is written`() async throws {
        try await CatalogueWorld.running { world in
            let found = try await world.spotify.tracks(isrc: "qz-hdm-19-00001")
            #expect(Set(found.compactMap { $0.album?.name }) == ["Harbour Lights", "Night Ferry", "Ferry Tales"])
            #expect(try await world.spotify.tracks(isrc: "QZHDM9999999").isEmpty)
            #expect(try await world.spotify.tracks(isrc: "not a code").isEmpty)
            #expect(world.standIn.requests.count == 2)
            #expect(world.standIn.requests[0].target.contains("q=isrc%3AQZHDM1900001"))
        }
    }

    @Test func `A search finds names, gives what resembles them, and bears nulls among the results`() async throws {
        var sample = SpotifyWorld.sample
        sample.searchHasNulls = true
        try await CatalogueWorld.running(sample) { world in
            let found = try await world.spotify.search(CatalogueQuery(artist: "Lantern Row", title: "Harbour Lights"))
            #expect(found.first?.name == "Harbour Lights")
            #expect(found.contains { $0.name == "Harbour Lights - Otter Remix" })
            let latin = try await world.spotify.search(
                CatalogueQuery(artist: "Severny Prichal", title: "Reka i \"most\""))
            #expect(latin.first?.name == "Река и мост")
            // Development mode: ten at most.
            #expect(world.standIn.requests.allSatisfy { $0.status == 200 })
        }
    }

    @Test func `Limits of development mode are the stand-in's as well`() async throws {
        try await CatalogueWorld.running { world in
            let token = world.standIn.issueToken(user: SpotifyWorld.listener)
            let list = try world.playlistID("Evening")
            let asked = [
                ("/search?q=x&type=track&limit=11", 400), ("/playlists/\(list)/tracks", 403), ("/tracks?ids=a,b", 403),
                ("/me", 200), ("/me/playlists", 200), ("/markets", 403),
            ]
            for (path, status) in asked {
                #expect(try await Answers.status(of: world.standIn.apiURL + path, token) == status, "\(path)")
            }
            #expect(try await Answers.status(of: world.standIn.apiURL + "/me", "a stranger's") == 401)
            let app = world.standIn.issueToken()
            #expect(try await Answers.status(of: world.standIn.apiURL + "/me/tracks", app) == 401)
            let narrow = world.standIn.issueToken(user: SpotifyWorld.listener, scopes: [])
            #expect(try await Answers.status(of: world.standIn.apiURL + "/me/tracks", narrow) == 403)
        }
    }
}
