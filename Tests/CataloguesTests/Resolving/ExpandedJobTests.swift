import Catalogues
import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// Jobs that were expanded from a list bring fields and their origins with them.
@Suite("Expanded jobs")
struct ExpandedJobTests {
    /// The fields of an entry, as a list of Spotify has them.
    private func entry(_ fixture: ResolverFixture, isrc: String?) throws -> Track {
        var track = Track.request("Lantern Row", "Harbour Lights", isrc: isrc, album: "Night Ferry")
        track.durationMS = 214_200
        track.spotifyID = try fixture.spotifyID("Harbour Lights", on: "Night Ferry")
        return track
    }

    private func job(_ track: Track, from provider: String) -> JobDocument {
        var job = JobDocument(track: track)
        job.metadata = MetadataSection(listed: track, from: provider)
        return job
    }

    @Test func `A job with all fields from Spotify costs no request`() async throws {
        try await ResolverFixture.running { fixture in
            let track = try entry(fixture, isrc: "QZHDM1900001")
            #expect(try await fixture.resolve(job(track, from: "spotify")) == .unchanged)
            #expect(fixture.requestCount == 0)
        }
    }

    @Test func `A job without an ISRC is completed, and its fields stay labelled with Spotify`() async throws {
        try await ResolverFixture.running { fixture in
            let job = job(try entry(fixture, isrc: nil), from: "spotify")
            let section = try await fixture.section(job)
            #expect(section.track.isrc == "QZHDM1900001" && section.preliminary == nil)
            #expect(Set(section.provenance.values) == ["spotify"] && section.provenance["title"] == "spotify")
            #expect(fixture.requestCount == 1)
            var next = job
            next.metadata = section
            #expect(try await fixture.resolve(next) == .unchanged)
            #expect(fixture.requestCount == 1)
        }
    }

    @Test func `A job from MusicBrainz is completed by Spotify, with the origin of each field`() async throws {
        try await ResolverFixture.running { fixture in
            let section = try await fixture.section(
                job(.request("Lantern Row", "Harbour Lights", isrc: "QZHDM1900001"), from: "musicbrainz"))
            #expect(section.provenance["title"] == "musicbrainz" && section.provenance["duration_ms"] == "spotify")
        }
    }

    @Test func `A job whose fields a list omits is looked up again later when the catalogue is paused`() async throws {
        try await ResolverFixture.running(["spotify"]) { fixture in
            fixture.spotify.inject(.tooManyRequests(retryAfter: 3600), times: nil)
            let job = job(try entry(fixture, isrc: nil), from: "spotify")
            #expect(try await fixture.resolve(job) == .unchanged)
            fixture.spotify.clearFaults()
            #expect(try await fixture.section(job).track.isrc == "QZHDM1900001")
        }
    }

    @Test func `A preliminary section survives encoding`() throws {
        let section = MetadataSection(listed: .request("A", "T"), from: "spotify")
        let decoded = try ContractCoding.decode(MetadataSection.self, from: ContractCoding.encode(section))
        #expect(decoded.preliminary == true && decoded == section)
    }
}
