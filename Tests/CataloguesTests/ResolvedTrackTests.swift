import Contracts
import Metadata
import Testing

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

    private func proof(script: Bool = false, album: Bool = true, identified: Bool = true) -> ResolvedTrack.Proof {
        ResolvedTrack.Proof(isIdentified: identified, hasOtherScript: script, isOnAlbum: album)
    }

    @Test func `What the job leaves out is taken over, with who says so`() {
        var own = Track(artist: "", title: "")
        own.isrc = "RUHDM0300002"
        var resolved = ResolvedTrack(own)
        resolved.take(listed, from: "spotify", proof())
        let track = resolved.track
        #expect(track.artist == "Северный Причал" && track.title == "Река и мост" && track.album == "Мосты")
        #expect(track.durationMS == 232_000 && track.trackNumber == 4 && track.discNumber == 1)
        #expect(track.releaseDate == "2003-09" && track.albumArtist == "Северный Причал" && track.spotifyID == "t")
        #expect(resolved.spotifyID == "t")
        #expect(resolved.provenance["isrc"] == "job" && resolved.provenance["title"] == "spotify")
        // On all discs together, which is not what a tag counts.
        #expect(track.trackTotal == nil)
    }

    @Test func `The job's own fields stay, but for a length that an identifier proves wrong`() {
        var own = Track(artist: "Severny Prichal", title: "Reka i most", album: "Mosty")
        own.durationMS = 100_000
        own.trackNumber = 9
        var identified = ResolvedTrack(own)
        identified.take(listed, from: "musicbrainz", proof())
        #expect(identified.track.artist == "Severny Prichal" && identified.track.album == "Mosty")
        #expect(identified.track.trackNumber == 9 && identified.track.durationMS == 232_000)
        #expect(identified.provenance["duration_ms"] == "musicbrainz" && identified.provenance["artist"] == "job")
        #expect(identified.track.spotifyID == nil && identified.spotifyID == nil)
        var byNames = ResolvedTrack(own)
        byNames.take(listed, from: "musicbrainz", proof(identified: false))
        #expect(byNames.track.durationMS == 100_000)
    }

    @Test func `Names in another script become the catalogue's where an identifier joins them`() {
        let own = Track(artist: "Severny Prichal", title: "Reka i most", album: "Mosty")
        var resolved = ResolvedTrack(own)
        resolved.take(listed, from: "spotify", proof(script: true))
        #expect(resolved.track.artist == "Северный Причал" && resolved.track.title == "Река и мост")
        #expect(resolved.track.album == "Мосты" && resolved.provenance["title"] == "spotify")
        var byNames = ResolvedTrack(own)
        byNames.take(listed, from: "spotify", proof(script: true, identified: false))
        #expect(byNames.track.title == "Reka i most")
    }

    @Test func `Places and dates of another album are left alone`() {
        var resolved = ResolvedTrack(Track(artist: "Северный Причал", title: "Река и мост", album: "Лучшее"))
        resolved.take(listed, from: "spotify", proof(album: false))
        #expect(resolved.track.trackNumber == nil && resolved.track.releaseDate == nil)
        #expect(resolved.track.artworkURL == nil && resolved.track.isrc == "RUHDM0300002")
    }

    @Test(arguments: [0, -1, 10_000])
    func `A place for which a job's document has no room is left out`(place: Int) {
        var odd = listed
        (odd.trackNumber, odd.discNumber) = (place, place)
        var resolved = ResolvedTrack(Track(artist: "", title: ""))
        resolved.take(odd, from: "musicbrainz", proof())
        #expect(resolved.track.trackNumber == nil && resolved.track.discNumber == nil)
    }

    @Test func `A code that is none gives way`() {
        var own = Track(artist: "A", title: "T")
        own.isrc = "unknown"
        var resolved = ResolvedTrack(own)
        resolved.take(listed, from: "spotify", proof())
        #expect(resolved.track.isrc == "RUHDM0300002" && resolved.provenance["isrc"] == "spotify")
        var missing = ResolvedTrack(Track(artist: "A", title: "T"))
        missing.take(isrc: "RUHDM0300002", from: "musicbrainz")
        #expect(missing.provenance["isrc"] == "musicbrainz")
    }
}
