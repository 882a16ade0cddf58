import Contracts
import Metadata
import TestSupport
import Testing

@Suite("Spotify's refusals")
struct SpotifyRefusalTests {
    @Test func `A token that is refused is replaced once`() async throws {
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
            // One more each time, and no loop.
            #expect(fixture.tokens.issued == 3 && fixture.fake.requests.count == 5)
        }
    }

    @Test func `Too many requests pause all processes for as long as Spotify says`() async throws {
        let now = Timestamp.now
        try await CatalogueFixture.running(now: { now }) { fixture in
            let id = try fixture.trackID("Cast Off")
            fixture.fake.inject(.tooManyRequests(retryAfter: 80_000))
            let until = now + .seconds(80_000)
            let reason = "Spotify was asked too often (status 429)"
            await #expect(throws: CatalogueError.paused(until: until, because: reason)) {
                try await fixture.spotify.track(id)
            }
            #expect(fixture.budget.blocks == [CountedRequests.Block(until: until, reason: reason)])
            #expect(fixture.fake.requests.count == 1)
        }
    }

    @Test func `Without a time it is half a minute and some`() async throws {
        let now = Timestamp.now
        try await CatalogueFixture.running(now: { now }) { fixture in
            fixture.fake.inject(.tooManyRequests(retryAfter: nil))
            await #expect(throws: CatalogueError.self) { try await fixture.spotify.tracks(isrc: "QZHDM1900001") }
            let until = try #require(fixture.budget.blocks.first).until
            #expect(until >= now + .seconds(30) && until <= now + .seconds(36))
        }
    }

    @Test func `A pause that cannot be noted is kept by the process itself`() async throws {
        let clock = MovedClock()
        try await CatalogueFixture.running(now: { clock.now }) { fixture in
            let id = try fixture.trackID("Cast Off")
            fixture.budget.loseNotes()
            fixture.fake.inject(.tooManyRequests(retryAfter: 3600))
            for _ in 0..<3 {
                await #expect(throws: CatalogueError.self) { try await fixture.spotify.track(id) }
            }
            #expect(fixture.fake.requests.count == 1)
            clock.advance(.seconds(3600))
            _ = try await fixture.spotify.track(id)
        }
    }

    @Test func `Failures of Spotify's own are tried again, each within the budget`() async throws {
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

    @Test func `Failures in a row end in a pause without requests`() async throws {
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

    @Test func `An answer that breaks off is no answer`() async throws {
        try await CatalogueFixture.running { fixture in
            fixture.fake.inject(.cutShort)
            let id = try fixture.trackID("Cast Off")
            await #expect(throws: CatalogueError.unavailable("Spotify's answer about the track \(id) cannot be read")) {
                try await fixture.spotify.track(id)
            }
        }
    }

    @Test func `What was answered before is only asked whether it still holds`() async throws {
        try await CatalogueFixture.running { fixture in
            let id = try fixture.albumID("Night Ferry")
            let first = try await fixture.spotify.album(id)
            #expect(try await fixture.spotify.album(id) == first)
            #expect(fixture.fake.requests.map(\.status) == [200, 304])
            fixture.fake.change { fixture in
                let index = fixture.albums.firstIndex { $0.id == id }
                if let index { fixture.albums[index].releaseDate = "2020" }
            }
            #expect(try await fixture.spotify.album(id).releaseDate == "2020")
            #expect(fixture.fake.requests.map(\.status) == [200, 304, 200])
        }
    }

    @Test func `No token is in an error`() async throws {
        try await CatalogueFixture.running { fixture in
            let token = try await fixture.tokens.token(for: .app, refused: nil)
            #expect(!"\(token)".contains(token.text))
            fixture.fake.inject(.expiredToken, times: nil)
            let error = await #expect(throws: CatalogueError.self) {
                try await fixture.spotify.search(.init(artist: nil, title: "x"))
            }
            #expect(error.map { !"\($0)".contains("stand-in-") } == true)
        }
    }
}
