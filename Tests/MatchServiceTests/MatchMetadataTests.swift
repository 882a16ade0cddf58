import Contracts
import Metadata
import TestSupport
import Testing

@testable import MatchService

@Suite("Which recording a job means")
struct MatchMetadataTests {
    private func track(_ artist: String = "", _ title: String = "", isrc: String? = nil, id: String? = nil) -> Track {
        var track = Track(artist: artist, title: title)
        track.isrc = isrc
        track.spotifyID = id
        return track
    }

    @Test func `A job that has only an id at Spotify`() async throws {
        try await ResolverFixture.running { fixture in
            let id = try fixture.spotifyID("Harbour Lights", on: "Night Ferry")
            let found = try await fixture.section(track(id: id))
            #expect(found.track.artist == "Lantern Row" && found.track.title == "Harbour Lights")
            #expect(found.track.album == "Night Ferry" && found.track.durationMS == 214_200)
            #expect(found.track.isrc == "QZHDM1900001" && found.track.trackNumber == 2)
            #expect(found.provenance["title"] == "spotify" && found.provenance["spotify_id"] == "job")
            #expect(found.spotifyID == id && found.remark == nil)
            #expect(fixture.musicBrainz.requests.isEmpty)
        }
    }

    @Test func `A job that has only a code gets the album it was made for`() async throws {
        try await ResolverFixture.running { fixture in
            let found = try await fixture.section(track(isrc: "qz-hdm-19-00001"))
            #expect(found.track.artist == "Lantern Row" && found.track.album == "Night Ferry")
            #expect(found.track.releaseDate == "2019-05-17" && found.provenance["isrc"] == "job")
            var wanted = track(isrc: "QZHDM1900001")
            wanted.album = "Ferry Tales"
            let other = try await fixture.section(wanted)
            #expect(other.track.albumArtist == "Various Artists" && other.track.releaseDate == "2021")
        }
    }

    @Test func `A job that has only words, in whatever spelling`() async throws {
        try await ResolverFixture.running { fixture in
            let found = try await fixture.section(track("lantern row", "tidal"))
            #expect(found.track.artist == "lantern row" && found.track.isrc == "QZHDM1900006")
            #expect(found.track.artists == ["Lantern Row", "Mira Holt"] && found.track.durationMS == 201_000)
            #expect(found.provenance["artist"] == "job" && found.provenance["isrc"] == "spotify")
            let live = try await fixture.section(track("Lantern Row", "Harbour Lights (Live at the Old Dock)"))
            #expect(live.track.isrc == "QZHDM2200001")
            let quay = try await fixture.section(track("The Quay Singers", "Harbour Lights"))
            #expect(quay.track.isrc == "QZHDM8700003")
        }
    }

    @Test func `A wrong length is put right where an identifier says which recording is meant`() async throws {
        try await ResolverFixture.running { fixture in
            var wanted = track("Lantern Row", "Harbour Lights", isrc: "QZHDM1900001")
            wanted.durationMS = 90_000
            let found = try await fixture.section(wanted)
            #expect(abs((found.track.durationMS ?? 0) - 214_000) < 1000)
            #expect(found.provenance["duration_ms"] == "spotify" && found.provenance["title"] == "job")
        }
    }

    @Test func `A wrong length without an identifier leaves it open, and the job goes on with what it has`()
        async throws
    {
        try await ResolverFixture.running { fixture in
            var wanted = track("Lantern Row", "Harbour Lights")
            wanted.durationMS = 90_000
            let found = try await fixture.section(wanted)
            #expect(found.track == wanted && found.remark != nil)
            #expect(found.provenance == ["artist": "job", "title": "job", "duration_ms": "job"])
        }
    }

    @Test func `A title in another script becomes the catalogue's with a code, and is understood without`()
        async throws
    {
        try await ResolverFixture.running { fixture in
            let cyrillic = try await fixture.section(track("Severny Prichal", "Reka i most", isrc: "RUHDM0300002"))
            #expect(cyrillic.track.title == "Река и мост" && cyrillic.track.artist == "Северный Причал")
            let japanese = try await fixture.section(track("Todaidan", "Yoru no Minato", isrc: "JPHDM1400007"))
            #expect(japanese.track.title == "夜の港" && japanese.provenance["title"] == "spotify")
            let words = try await fixture.section(track("Severny Prichal", "Reka i most"))
            #expect(words.track.isrc == "RUHDM0300002" && words.track.title == "Reka i most")
            // Nobody can tell how these signs are read: the job goes on with its own words.
            let unreadable = try await fixture.section(track("Todaidan", "Yoru no Minato"))
            #expect(unreadable.track.isrc == nil && unreadable.remark != nil)
        }
    }

    @Test func `A code that Spotify leaves out comes from MusicBrainz`() async throws {
        try await ResolverFixture.running { fixture in
            let found = try await fixture.section(track(id: try fixture.spotifyID("Undertow")))
            #expect(found.track.isrc == "QZHDM1900005" && found.provenance["isrc"] == "musicbrainz")
            #expect(found.provenance["title"] == "spotify")
        }
    }

    @Test func `MusicBrainz alone knows codes and names`() async throws {
        try await ResolverFixture.running(["musicbrainz"]) { fixture in
            let code = try await fixture.section(track(isrc: "QZHDM1900005"))
            #expect(code.track.title == "Undertow" && code.provenance["title"] == "musicbrainz")
            let words = try await fixture.section(track("Lantern Row", "Harbour Lights"))
            #expect(words.track.isrc == "QZHDM1900001" && words.spotifyID == nil)
        }
    }

    @Test func `Names that contradict the identifier are for a person`() async throws {
        try await ResolverFixture.running { fixture in
            for wanted in [
                track("Ada Fennimore", "Ledger", isrc: "QZHDM1900001"),
                track("Lantern Row", "Harbour Lights (Live)", isrc: "QZHDM1900001"),
            ] {
                guard case .review(let reason) = try await fixture.resolve(wanted) else {
                    Issue.record("\(wanted.title) was not doubted")
                    continue
                }
                #expect(reason.contains("Lantern Row - Harbour Lights"))
            }
        }
    }

    @Test func `What no catalogue knows is for a person, unless the job has names`() async throws {
        try await ResolverFixture.running { fixture in
            guard case .review(let reason) = try await fixture.resolve(track(isrc: "QZHDM9999999")) else {
                Issue.record("not asked")
                return
            }
            #expect(reason.contains("QZHDM9999999") && reason.contains("artist and title"))
            guard case .review = try await fixture.resolve(track(id: "zzzzzzzzzzzzzzzzzzzzzz")) else {
                Issue.record("not asked")
                return
            }
            let named = try await fixture.section(track("Nobody", "Never Recorded", isrc: "QZHDM9999999"))
            #expect(named.track.title == "Never Recorded" && named.remark?.contains("QZHDM9999999") == true)
        }
    }

    @Test func `What was found is not asked for again, what was not found is when a person asks anew`() async throws {
        try await ResolverFixture.running { fixture in
            var job = JobDocument(track: track("Lantern Row", "Tidal"))
            job.metadata = try await fixture.section(job.track)
            let asked = fixture.spotify.requests.count
            for isFresh in [false, true] {
                #expect(try await fixture.resolver.resolve(job, isFresh: isFresh, ResolverFixture.silent) == .unchanged)
            }
            #expect(fixture.spotify.requests.count == asked)
            job.metadata?.remark = "no catalogue has a recording of that name"
            #expect(try await fixture.resolver.resolve(job, isFresh: false, ResolverFixture.silent) == .unchanged)
            #expect(try await fixture.resolver.resolve(job, isFresh: true, ResolverFixture.silent) != .unchanged)
        }
    }
}
