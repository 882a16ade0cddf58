import Catalogues
import Contracts
import TestSupport
import Testing

@Suite("Errors of Spotify")
struct SpotifyRefusalTests {
    @Test func `A refused token is replaced once`() async throws {
        try await CatalogueFixture.running { fixture in
            let id = try fixture.trackID("Cast Off")
            _ = try await fixture.spotify.track(id)
            fixture.fake.expireTokens()
            _ = try await fixture.spotify.track(id)
            #expect(fixture.tokens.issued == 2)
            fixture.fake.inject(.expiredToken, times: nil)
            let error = await #expect(throws: CatalogueError.self) { try await fixture.spotify.track(id) }
            guard case .signInNeeded = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            // One more token and one more request, without a loop.
            #expect(fixture.tokens.issued == 3 && fixture.fake.requests.count == 5)
        }
    }

    @Test func `Retry-After pauses all processes for that time`() async throws {
        let now = Timestamp.now
        try await CatalogueFixture.running(now: { now }) { fixture in
            let id = try fixture.trackID("Cast Off")
            fixture.fake.inject(.tooManyRequests(retryAfter: 80_000))
            let until = now + .seconds(80_000)
            let reason = "Spotify got too many requests (status 429)"
            await #expect(throws: CatalogueError.paused(until: until, because: reason)) {
                try await fixture.spotify.track(id)
            }
            #expect(fixture.budget.blocks == [CountedRequests.Block(until: until, reason: reason)])
            #expect(fixture.fake.requests.count == 1)
        }
    }

    @Test func `Without Retry-After the pause is half a minute and a random share`() async throws {
        let now = Timestamp.now
        try await CatalogueFixture.running(now: { now }) { fixture in
            fixture.fake.inject(.tooManyRequests(retryAfter: nil))
            await #expect(throws: CatalogueError.self) { try await fixture.spotify.tracks(isrc: "QZHDM1900001") }
            let until = try #require(fixture.budget.blocks.first).until
            #expect(until >= now + .seconds(30) && until <= now + .seconds(36))
        }
    }

    @Test func `A pause that cannot be recorded applies to this process`() async throws {
        let clock = ManualClock()
        try await CatalogueFixture.running(now: { clock.now }) { fixture in
            let id = try fixture.trackID("Cast Off")
            fixture.budget.rejectBlocks()
            fixture.fake.inject(.tooManyRequests(retryAfter: 3600))
            for _ in 0..<3 {
                await #expect(throws: CatalogueError.self) { try await fixture.spotify.track(id) }
            }
            #expect(fixture.fake.requests.count == 1)
            clock.advance(.seconds(3600))
            _ = try await fixture.spotify.track(id)
        }
    }

    @Test func `Server errors are retried, each attempt with a permit`() async throws {
        try await CatalogueFixture.running { fixture in
            let id = try fixture.trackID("Cast Off")
            fixture.fake.inject(.broken(status: 502, html: "<html>Bad gateway</html>"))
            fixture.fake.inject(.broken(status: 503, html: ""))
            #expect(try await fixture.spotify.track(id).name == "Cast Off")
            #expect(fixture.budget.permits == 3)
            fixture.fake.inject(.refuses)
            #expect(try await fixture.spotify.album(try fixture.albumID("Night Ferry")).name == "Night Ferry")
        }
    }

    @Test func `Consecutive failures end in a pause without requests`() async throws {
        try await CatalogueFixture.running { fixture in
            let id = try fixture.trackID("Cast Off")
            fixture.fake.inject(.broken(status: 500, html: "<html>"), times: nil)
            for _ in 0..<3 {
                let error = await #expect(throws: CatalogueError.self) { try await fixture.spotify.track(id) }
                guard case .unavailable = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
            #expect(fixture.fake.requests.count == 5)
        }
    }

    @Test func `A truncated response is an error`() async throws {
        try await CatalogueFixture.running { fixture in
            fixture.fake.inject(.cutShort)
            let id = try fixture.trackID("Cast Off")
            await #expect(throws: CatalogueError.unavailable("Spotify's response about the track \(id) cannot be read"))
            {
                try await fixture.spotify.track(id)
            }
        }
    }

    @Test func `Errors do not contain a token`() async throws {
        try await CatalogueFixture.running { fixture in
            let token = try await fixture.tokens.token(for: .app, refused: nil)
            #expect(!"\(token)".contains(token.text))
            fixture.fake.inject(.expiredToken, times: nil)
            let error = await #expect(throws: CatalogueError.self) {
                try await fixture.spotify.search(.init(artist: nil, title: "x"))
            }
            #expect(error.map { !"\($0)".contains(token.text) } == true)
        }
    }
}
