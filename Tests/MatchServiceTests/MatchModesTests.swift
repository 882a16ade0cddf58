import Contracts
import Metadata
import TestSupport
import Testing

@testable import MatchService

@Suite("With and without Spotify")
struct MatchModesTests {
    private let named = Track(artist: "Lantern Row", title: "Tidal")
    private let onlyID = {
        var track = Track(artist: "", title: "")
        track.spotifyID = "zzzzzzzzzzzzzzzzzzzzzz"
        return track
    }()

    @Test func `Without any catalogue jobs go on with what they have, and nameless ones wait for one`() async throws {
        try await ResolverFixture.running([]) { fixture in
            #expect(try await fixture.resolve(named) == .unchanged)
            guard case .snooze(let until, let reason) = try await fixture.resolve(onlyID) else {
                Issue.record("does not wait")
                return
            }
            #expect(until.since(.now) > .seconds(200) && reason.contains("SPOTIFY_CLIENT_ID"))
        }
        // MusicBrainz does not know Spotify's ids.
        try await ResolverFixture.running(["musicbrainz"]) { fixture in
            guard case .snooze = try await fixture.resolve(onlyID) else {
                Issue.record("does not wait")
                return
            }
        }
    }

    @Test func `While nobody has signed in only nameless jobs wait, and say why`() async throws {
        try await ResolverFixture.running(["spotify"]) { fixture in
            fixture.spotify.inject(.expiredToken, times: nil)
            #expect(try await fixture.resolve(named) == .unchanged)
            guard case .snooze(_, let reason) = try await fixture.resolve(onlyID) else {
                Issue.record("does not wait")
                return
            }
            #expect(reason.contains("sign") || reason.contains("token"))
            #expect(fixture.resolver.catalogues[0].standing.current() != nil)
            fixture.spotify.clearFaults()
            _ = try await fixture.section(named)
            #expect(fixture.resolver.catalogues[0].standing.current() == nil)
        }
    }

    @Test func `A short pause is waited for, a long one only by who has no names`() async throws {
        for (seconds, namedWaits) in [(60, true), (3600, false)] {
            try await ResolverFixture.running(["spotify"]) { fixture in
                fixture.spotify.inject(.tooManyRequests(retryAfter: seconds), times: nil)
                for (track, waits) in [(named, namedWaits), (onlyID, true)] {
                    let resolution = try await fixture.resolve(track)
                    if case .snooze(let until, _) = resolution {
                        #expect(waits && until.since(.now) > .seconds(seconds - 10))
                    } else {
                        #expect(!waits && resolution == .unchanged)
                    }
                }
            }
        }
    }

    @Test func `A job that is old goes on without waiting`() async throws {
        try await ResolverFixture.running(["spotify"]) { fixture in
            fixture.spotify.inject(.tooManyRequests(retryAfter: 60), times: nil)
            let job = JobDocument(submittedAt: .now + .seconds(-7200), track: named)
            let resolution = try await fixture.resolver.resolve(job, isFresh: false, ResolverFixture.silent)
            #expect(resolution == .unchanged)
        }
    }

    @Test func `Spotify being down costs nameless jobs an attempt, and others nothing`() async throws {
        try await ResolverFixture.running(["spotify"]) { fixture in
            fixture.spotify.inject(.broken(status: 500, html: "<html>"), times: nil)
            let resolution = try await fixture.resolve(named)
            #expect(resolution == .unchanged)
            let error = await #expect(throws: JobError.self) { try await fixture.resolve(onlyID) }
            #expect(error?.code == .providerUnavailable)
        }
    }
}
