import Contracts
import Testing

@testable import Catalogues

@Suite("Completing a track")
struct ResolvedTrackTests {
    private let listed = {
        var album = CatalogueAlbum(
            id: "a", name: "Мосты", artists: [CatalogueArtist(id: "p", name: "Северный Причал")])
        album.releaseDate = "2003-09"
        album.artworkURL = "https://images.example/640/a"
        var track = CatalogueTrack(
            id: "t", name: "Река и мост", artists: [CatalogueArtist(id: "p", name: "Северный Причал")], album: album)
        track.durationMS = 232_000
        track.isrc = "RUHDM0300002"
        track.trackNumber = 4
        track.discNumber = 1
        return track
    }()

    private func evidence(script: Bool = false, album: Bool = true, identified: Bool = true) -> ResolvedTrack.Evidence {
        ResolvedTrack.Evidence(isIdentified: identified, hasOtherScript: script, isOnAlbum: album)
    }

    @Test func `Missing fields are taken over with their origin`() {
        var own = Track(artist: "", title: "")
        own.isrc = "RUHDM0300002"
        var resolved = ResolvedTrack(own)
        resolved.complete(with: listed, from: "spotify", evidence())
        let track = resolved.track
        #expect(track.artist == "Северный Причал" && track.title == "Река и мост" && track.album == "Мосты")
        #expect(track.durationMS == 232_000 && track.trackNumber == 4 && track.discNumber == 1)
        #expect(track.releaseDate == "2003-09" && track.albumArtist == "Северный Причал" && track.spotifyID == "t")
        #expect(resolved.spotifyID == "t")
        #expect(resolved.provenance["isrc"] == "job" && resolved.provenance["title"] == "spotify")
        // The catalogue counts all discs together, a tag counts one.
        #expect(track.trackTotal == nil)
    }

    @Test func `The job's own fields stay, except a duration that an identifier disproves`() {
        var own = Track(artist: "Severny Prichal", title: "Reka i most", album: "Mosty")
        own.durationMS = 100_000
        own.trackNumber = 9
        var identified = ResolvedTrack(own)
        identified.complete(with: listed, from: "musicbrainz", evidence())
        #expect(identified.track.artist == "Severny Prichal" && identified.track.album == "Mosty")
        #expect(identified.track.trackNumber == 9 && identified.track.durationMS == 232_000)
        #expect(identified.provenance["duration_ms"] == "musicbrainz" && identified.provenance["artist"] == "job")
        #expect(identified.track.spotifyID == nil && identified.spotifyID == nil)
        var byNames = ResolvedTrack(own)
        byNames.complete(with: listed, from: "musicbrainz", evidence(identified: false))
        #expect(byNames.track.durationMS == 100_000)
    }

    @Test func `Names in another script are replaced when an identifier names the recording`() {
        let own = Track(artist: "Severny Prichal", title: "Reka i most", album: "Mosty")
        var resolved = ResolvedTrack(own)
        resolved.complete(with: listed, from: "spotify", evidence(script: true))
        #expect(resolved.track.artist == "Северный Причал" && resolved.track.title == "Река и мост")
        #expect(resolved.track.album == "Мосты" && resolved.provenance["title"] == "spotify")
        var byNames = ResolvedTrack(own)
        byNames.complete(with: listed, from: "spotify", evidence(script: true, identified: false))
        #expect(byNames.track.title == "Reka i most")
    }

    @Test func `Positions and dates of another album are not taken over`() {
        var resolved = ResolvedTrack(Track(artist: "Северный Причал", title: "Река и мост", album: "Лучшее"))
        resolved.complete(with: listed, from: "spotify", evidence(album: false))
        #expect(resolved.track.trackNumber == nil && resolved.track.releaseDate == nil)
        #expect(resolved.track.artworkURL == nil && resolved.track.isrc == "RUHDM0300002")
    }

    @Test(arguments: [0, -1, 10_000])
    func `A position that a job's document has no room for is omitted`(place: Int) {
        var odd = listed
        (odd.trackNumber, odd.discNumber) = (place, place)
        var resolved = ResolvedTrack(Track(artist: "", title: ""))
        resolved.complete(with: odd, from: "musicbrainz", evidence())
        #expect(resolved.track.trackNumber == nil && resolved.track.discNumber == nil)
    }

    @Test func `A malformed ISRC is replaced`() {
        var own = Track(artist: "A", title: "T")
        own.isrc = "unknown"
        var resolved = ResolvedTrack(own)
        resolved.complete(with: listed, from: "spotify", evidence())
        #expect(resolved.track.isrc == "RUHDM0300002" && resolved.provenance["isrc"] == "spotify")
        var missing = ResolvedTrack(Track(artist: "A", title: "T"))
        missing.completeISRC("RUHDM0300002", from: "musicbrainz")
        #expect(missing.provenance["isrc"] == "musicbrainz")
    }
}
