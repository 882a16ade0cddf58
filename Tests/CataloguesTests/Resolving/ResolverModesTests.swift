import Catalogues
import Contracts
import TestSupport
import Testing

@Suite("Jobs with and without Spotify")
struct ResolverModesTests {
    private let named = Track(artist: "Lantern Row", title: "Tidal")
    private let onlyID = Track.request(id: "zzzzzzzzzzzzzzzzzzzzzz")

    @Test func `Without a catalogue, jobs with names continue and jobs without names wait`() async throws {
        try await ResolverFixture.running([]) { fixture in
            #expect(try await fixture.resolve(named) == .unchanged)
            guard case .snooze(let until, let reason, let wait) = try await fixture.resolve(onlyID) else {
                Issue.record("no snooze")
                return
            }
            #expect(until.since(.now) > .seconds(200) && reason.contains("SPOTIFY_CLIENT_ID"))
            #expect(wait.reason == .catalogueMissing)
        }
        // MusicBrainz does not have Spotify's ids.
        try await ResolverFixture.running(["musicbrainz"]) { fixture in
            guard case .snooze = try await fixture.resolve(onlyID) else {
                Issue.record("no snooze")
                return
            }
        }
    }

    @Test func `Without a sign-in, only jobs without names wait, with the reason`() async throws {
        try await ResolverFixture.running(["spotify"]) { fixture in
            fixture.spotify.inject(.expiredToken, times: nil)
            #expect(try await fixture.resolve(named) == .unchanged)
            guard case .snooze(_, let reason, let wait) = try await fixture.resolve(onlyID) else {
                Issue.record("no snooze")
                return
            }
            #expect(reason.contains("sign") || reason.contains("token"))
            #expect(wait == JobEvent.Wait(.signInNeeded, provider: "spotify"))
            #expect(fixture.resolver.catalogues[0].health.current() != nil)
            fixture.spotify.clearFaults()
            _ = try await fixture.section(named)
            #expect(fixture.resolver.catalogues[0].health.current() == nil)
        }
    }

    @Test func `Every job waits for a short pause, and only jobs without names for a long one`() async throws {
        for (seconds, namedWaits) in [(60, true), (3600, false)] {
            try await ResolverFixture.running(["spotify"]) { fixture in
                fixture.spotify.inject(.tooManyRequests(retryAfter: seconds), times: nil)
                for (track, waits) in [(named, namedWaits), (onlyID, true)] {
                    let resolution = try await fixture.resolve(track)
                    if case .snooze(let until, _, let wait) = resolution {
                        #expect(wait.reason == .providerBlocked && waits && until.since(.now) > .seconds(seconds - 10))
                    } else {
                        #expect(!waits && resolution == .unchanged)
                    }
                }
            }
        }
    }

    @Test func `An old job with names continues without waiting`() async throws {
        try await ResolverFixture.running(["spotify"]) { fixture in
            fixture.spotify.inject(.tooManyRequests(retryAfter: 60), times: nil)
            let job = JobDocument(submittedAt: .now + .seconds(-7200), track: named)
            let resolution = try await fixture.resolve(job)
            #expect(resolution == .unchanged)
        }
    }

    @Test func `A failure of Spotify costs only jobs without names an attempt`() async throws {
        try await ResolverFixture.running(["spotify"]) { fixture in
            fixture.spotify.inject(.broken(status: 500, html: "<html>"), times: nil)
            let resolution = try await fixture.resolve(named)
            #expect(resolution == .unchanged)
            let error = await #expect(throws: JobError.self) { try await fixture.resolve(onlyID) }
            #expect(error?.code == .providerUnavailable)
        }
    }
}
