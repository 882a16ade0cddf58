import Contracts
import TestSupport
import Testing

@testable import Catalogues

@Suite("The recording that a job wants")
struct TrackResolverTests {
    @Test func `A job with only an id at Spotify gets all fields from Spotify`() async throws {
        try await ResolverFixture.running { fixture in
            let id = try fixture.spotifyID("Harbour Lights", on: "Night Ferry")
            let found = try await fixture.section(.request(id: id))
            #expect(found.track.artist == "Lantern Row" && found.track.title == "Harbour Lights")
            #expect(found.track.album == "Night Ferry" && found.track.durationMS == 214_200)
            #expect(found.track.isrc == "QZHDM1900001" && found.track.trackNumber == 2)
            #expect(found.provenance["title"] == "spotify" && found.provenance["spotify_id"] == "job")
            #expect(found.spotifyID == id && found.remark == nil)
            #expect(fixture.musicBrainz.requests.isEmpty)
        }
    }

    @Test func `A job with only an ISRC gets the album on which the recording was released first`() async throws {
        try await ResolverFixture.running { fixture in
            let found = try await fixture.section(.request(isrc: "qz-hdm-19-00001"))
            #expect(found.track.artist == "Lantern Row" && found.track.album == "Night Ferry")
            #expect(found.track.releaseDate == "2019-05-17" && found.provenance["isrc"] == "job")
            var wanted = Track.request(isrc: "QZHDM1900001")
            wanted.album = "Ferry Tales"
            let other = try await fixture.section(wanted)
            #expect(other.track.albumArtist == "Various Artists" && other.track.releaseDate == "2021")
        }
    }

    @Test func `A job with only names is found in any spelling`() async throws {
        try await ResolverFixture.running { fixture in
            let found = try await fixture.section(.request("lantern row", "tidal"))
            #expect(found.track.artist == "lantern row" && found.track.isrc == "QZHDM1900006")
            #expect(found.track.artists == ["Lantern Row", "Mira Holt"] && found.track.durationMS == 201_000)
            #expect(found.provenance["artist"] == "job" && found.provenance["isrc"] == "spotify")
            let live = try await fixture.section(.request("Lantern Row", "Harbour Lights (Live at the Old Dock)"))
            #expect(live.track.isrc == "QZHDM2200001")
            let quay = try await fixture.section(.request("The Quay Singers", "Harbour Lights"))
            #expect(quay.track.isrc == "QZHDM8700003")
        }
    }

    @Test func `A wrong duration is corrected when an identifier names the recording`() async throws {
        try await ResolverFixture.running { fixture in
            var wanted = Track.request("Lantern Row", "Harbour Lights", isrc: "QZHDM1900001")
            wanted.durationMS = 90_000
            let found = try await fixture.section(wanted)
            #expect(abs((found.track.durationMS ?? 0) - 214_000) < 1000)
            #expect(found.provenance["duration_ms"] == "spotify" && found.provenance["title"] == "job")
        }
    }

    @Test func `A wrong duration without an identifier leaves the job unchanged, with a remark`()
        async throws
    {
        try await ResolverFixture.running { fixture in
            var wanted = Track.request("Lantern Row", "Harbour Lights")
            wanted.durationMS = 90_000
            let found = try await fixture.section(wanted)
            #expect(found.track == wanted && found.remark != nil)
            #expect(found.provenance == ["artist": "job", "title": "job", "duration_ms": "job"])
        }
    }

    @Test func `A title in another script is replaced with an ISRC, and only recognised without`()
        async throws
    {
        try await ResolverFixture.running { fixture in
            let cyrillic = try await fixture.section(.request("Severny Prichal", "Reka i most", isrc: "RUHDM0300002"))
            #expect(cyrillic.track.title == "Река и мост" && cyrillic.track.artist == "Северный Причал")
            let japanese = try await fixture.section(.request("Todaidan", "Yoru no Minato", isrc: "JPHDM1400007"))
            #expect(japanese.track.title == "夜の港" && japanese.provenance["title"] == "spotify")
            let words = try await fixture.section(.request("Severny Prichal", "Reka i most"))
            #expect(words.track.isrc == "RUHDM0300002" && words.track.title == "Reka i most")
            // The reading of these characters is ambiguous, so the job keeps its own names.
            let unreadable = try await fixture.section(.request("Todaidan", "Yoru no Minato"))
            #expect(unreadable.track.isrc == nil && unreadable.remark != nil)
        }
    }

    @Test func `An ISRC that Spotify omits comes from MusicBrainz`() async throws {
        try await ResolverFixture.running { fixture in
            let found = try await fixture.section(.request(id: try fixture.spotifyID("Undertow")))
            #expect(found.track.isrc == "QZHDM1900005" && found.provenance["isrc"] == "musicbrainz")
            #expect(found.provenance["title"] == "spotify")
        }
    }

    @Test func `MusicBrainz alone finds recordings by ISRC and by names`() async throws {
        try await ResolverFixture.running(["musicbrainz"]) { fixture in
            let code = try await fixture.section(.request(isrc: "QZHDM1900005"))
            #expect(code.track.title == "Undertow" && code.provenance["title"] == "musicbrainz")
            let words = try await fixture.section(.request("Lantern Row", "Harbour Lights"))
            #expect(words.track.isrc == "QZHDM1900001" && words.spotifyID == nil)
        }
    }

    @Test func `Names that contradict the identifier need a person's decision`() async throws {
        try await ResolverFixture.running { fixture in
            for wanted in [
                Track.request("Ada Fennimore", "Ledger", isrc: "QZHDM1900001"),
                .request("Lantern Row", "Harbour Lights (Live)", isrc: "QZHDM1900001"),
            ] {
                guard case .review(let reason) = try await fixture.resolve(wanted) else {
                    Issue.record("\(wanted.title) was accepted")
                    continue
                }
                #expect(reason.contains("Lantern Row - Harbour Lights"))
            }
        }
    }

    @Test func `A track that no catalogue has needs a person, unless the job has names`() async throws {
        try await ResolverFixture.running { fixture in
            guard case .review(let reason) = try await fixture.resolve(.request(isrc: "QZHDM9999999")) else {
                Issue.record("no review")
                return
            }
            #expect(reason.contains("QZHDM9999999") && reason.contains("artist and title"))
            guard case .review = try await fixture.resolve(.request(id: "zzzzzzzzzzzzzzzzzzzzzz")) else {
                Issue.record("no review")
                return
            }
            let named = try await fixture.section(.request("Nobody", "Never Recorded", isrc: "QZHDM9999999"))
            #expect(named.track.title == "Never Recorded" && named.remark?.contains("QZHDM9999999") == true)
        }
    }

    @Test func `A found recording is final, and one that was not found is searched for again after a restart`()
        async throws
    {
        try await ResolverFixture.running { fixture in
            var job = JobDocument(track: .request("Lantern Row", "Tidal"))
            job.metadata = try await fixture.section(job.track)
            let requests = fixture.spotify.requests.count
            for isFresh in [false, true] {
                #expect(try await fixture.resolve(job, isFresh: isFresh) == .unchanged)
            }
            #expect(fixture.spotify.requests.count == requests)
            job.metadata?.remark = "no catalogue has a recording of that name"
            #expect(try await fixture.resolve(job) == .unchanged)
            #expect(try await fixture.resolve(job, isFresh: true) != .unchanged)
        }
    }
}
