import Catalogues
import Contracts
import Fakes
import Testing

@Suite("Spotify's lists")
struct SpotifyListsTests {
    @Test func `A playlist preserves positions, with the reason for each entry that is no track`() async throws {
        try await CatalogueFixture.running { fixture in
            let id = try fixture.playlistID("Evening")
            let playlist = try await fixture.spotify.playlist(id)
            #expect(playlist.name == "Evening" && playlist.owner == SpotifyFixture.listener && playlist.total == 7)
            let page = try await fixture.spotify.entries(ofPlaylist: id, from: 0)
            #expect(page.next == nil && page.total == 7 && page.entries.count == 7)
            #expect(page.entries[1] == .unusable(.gone))
            #expect(page.entries[3] == .unusable(.episode))
            #expect(page.entries[0] == page.entries[5])
            let own = try #require(page.entries[4].track)
            #expect(own.id == nil && own.name == "Kitchen Tape" && own.artists.map(\.name) == ["Cousin Pat"])
            #expect(own.durationMS == 95_000 && own.album == nil)
            let nameless = try #require(page.entries[6].track)
            #expect(nameless.id == nil && nameless.name == "Undertow")
        }
    }

    @Test func `A long playlist has several pages, and its snapshot changes with it`() async throws {
        var sample = SpotifyFixture.sample
        let tracks = sample.tracks.map { SpotifyListEntry.track($0.id) }
        let long = sample.addPlaylist(
            "Long", owner: SpotifyFixture.listener, (0..<123).map { tracks[$0 % tracks.count] })
        try await CatalogueFixture.running(sample) { fixture in
            var count = 0
            var next: Int? = 0
            while let offset = next {
                let page = try await fixture.spotify.entries(ofPlaylist: long, from: offset)
                count += page.entries.count
                next = page.next
            }
            #expect(count == 123 && fixture.fake.requests.count == 3)
            let before = try await fixture.spotify.playlist(long).snapshot
            fixture.fake.change { fixture in
                let index = fixture.playlists.firstIndex { $0.id == long }
                if let index { fixture.playlists[index].entries.removeLast() }
            }
            #expect(try await fixture.spotify.playlist(long).snapshot != before)
        }
    }

    @Test func `Another user's playlist is closed, and lists of a user need a sign-in`() async throws {
        try await CatalogueFixture.running { fixture in
            let id = try fixture.playlistID("Of somebody else")
            #expect(try await fixture.spotify.playlist(id).total == nil)
            await #expect(throws: CatalogueError.closed("the playlist \(id)")) {
                try await fixture.spotify.entries(ofPlaylist: id, from: 0)
            }
        }
        try await CatalogueFixture.running(user: nil) { fixture in
            await #expect(throws: CatalogueError.signInNeeded("no user is signed in")) {
                try await fixture.spotify.savedTracks(from: 0)
            }
            #expect(fixture.fake.requests.isEmpty)
        }
    }

    @Test func `Albums, artists and releases are read with the duplicates of the catalogue`() async throws {
        try await CatalogueFixture.running { fixture in
            let album = try await fixture.spotify.album(try fixture.albumID("Night Ferry"))
            #expect(album.upc == "0190000000024" && album.trackTotal == 4)
            let tracks = try await fixture.spotify.tracks(ofAlbum: try fixture.albumID("Night Ferry"), from: 0)
            #expect(
                tracks.entries.map(\.name) == ["Cast Off", "Harbour Lights", "Undertow", "Tidal (feat. Mira Holt)"])
            #expect(tracks.entries.allSatisfy { $0.album == nil && $0.isrc == nil })
            let artist = try fixture.artistID("Lantern Row")
            #expect(try await fixture.spotify.artist(artist).name == "Lantern Row")
            let releases = try await fixture.spotify.releases(ofArtist: artist, from: 0)
            #expect(releases.entries.count { $0.name == "Night Ferry" } == 2)
            #expect(!releases.entries.contains { $0.name == "Ferry Tales" })
        }
    }

    @Test func `An artist with too many releases is refused after one request`() async throws {
        try await CatalogueFixture.running(releaseLimit: 1) { fixture in
            let artist = try fixture.artistID("Lantern Row")
            let error = await #expect(throws: CatalogueError.self) {
                try await fixture.spotify.releases(ofArtist: artist, from: 0)
            }
            guard case .tooLarge(let reason)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.contains("HDM_ARTIST_RELEASES_MAX") && fixture.fake.requests.count == 1)
        }
    }

    @Test func `The saved tracks belong to the user, the newest first`() async throws {
        try await CatalogueFixture.running { fixture in
            let page = try await fixture.spotify.savedTracks(from: 0)
            #expect(page.entries.count == 5 && page.entries.last?.track?.name == "Harbour Lights")
        }
    }
}

extension CatalogueEntry {
    fileprivate var track: CatalogueTrack? { if case .track(let track) = self { track } else { nil } }
}
