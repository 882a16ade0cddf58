import Catalogues
import Contracts
import Fakes
import TestSupport
import Testing

/// The lookup that a backfill uses. Its results are written to the library, so it must not guess.
@Suite("The lookup of recordings")
struct RecordingLookupTests {
    private func find(_ track: Track, _ fixture: ResolverFixture) async throws -> LookupResult {
        try await RecordingLookup(fixture.resolver.catalogues, logger: ResolverFixture.silent).find(track)
    }

    @Test func `A live version with the ISRC of the studio recording and no duration is not completed`() async throws {
        try await ResolverFixture.running { fixture in
            let live = Track.request("Lantern Row", "Harbour Lights (Live)", isrc: "QZHDM1900001")
            let result = try await find(live, fixture)
            guard case .contradiction(let reason) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(reason.contains("Lantern Row - Harbour Lights"))
        }
    }

    @Test func `Another song under the id of a track is not completed`() async throws {
        try await ResolverFixture.running { fixture in
            let wrong = Track.request("Ada Fennimore", "Ledger", id: try fixture.spotifyID("Cast Off"))
            guard case .contradiction = try await find(wrong, fixture) else {
                Issue.record("accepted")
                return
            }
        }
    }

    @Test func `A recording with another duration is not found by its names`() async throws {
        try await ResolverFixture.running { fixture in
            var wanted = Track.request("Lantern Row", "Harbour Lights")
            wanted.durationMS = 90_000
            guard case .notFound = try await find(wanted, fixture) else {
                Issue.record("accepted")
                return
            }
        }
    }

    @Test func `A found recording has the origin of each field and its album`() async throws {
        try await ResolverFixture.running { fixture in
            let result = try await find(.request("Lantern Row", "Tidal", album: "Night Ferry"), fixture)
            guard case .found(let resolved, let album?, let provider) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(provider == "spotify" && album.name == "Night Ferry" && album.id != nil)
            #expect(resolved.track.isrc == "QZHDM1900006" && resolved.spotifyID == resolved.track.spotifyID)
            #expect(resolved.provenance["title"] == "job" && resolved.provenance["isrc"] == "spotify")
        }
    }

    @Test func `A missing track is a result, and an unavailable catalogue is an error`() async throws {
        try await ResolverFixture.running(["spotify"]) { fixture in
            guard case .notFound = try await find(.request("Nobody", "Never Recorded"), fixture) else {
                Issue.record("found")
                return
            }
            fixture.spotify.inject(.tooManyRequests(retryAfter: 60), times: nil)
            let error = await #expect(throws: CatalogueError.self) {
                try await find(.request("Nobody", "Never Recorded"), fixture)
            }
            guard case .paused? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}
