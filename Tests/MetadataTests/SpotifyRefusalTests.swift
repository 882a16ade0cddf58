import Contracts
import Metadata
import TestSupport
import Testing

@Suite("Spotify's refusals")
struct SpotifyRefusalTests {
    @Test func `A token that is refused is replaced once`() async throws {
        try await CatalogueWorld.running { world in
            let id = try world.trackID("Cast Off")
            _ = try await world.spotify.track(id)
            world.standIn.expireTokens()
            _ = try await world.spotify.track(id)
            #expect(world.tokens.issued == 2)
            world.standIn.inject(.expiredToken, times: nil)
            let error = await #expect(throws: CatalogueError.self) { try await world.spotify.track(id) }
            guard case .signInNeeded = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            // One more each time, and no loop.
            #expect(world.tokens.issued == 3 && world.standIn.requests.count == 5)
        }
    }

    @Test func `Too many requests pause all processes for as long as Spotify says`() async throws {
        let now = Timestamp.now
        try await CatalogueWorld.running(now: { now }) { world in
            let id = try world.trackID("Cast Off")
            world.standIn.inject(.tooManyRequests(retryAfter: 80_000))
            let until = now + .seconds(80_000)
            let reason = "Spotify was asked too often (status 429)"
            await #expect(throws: CatalogueError.paused(until: until, because: reason)) {
                try await world.spotify.track(id)
            }
            #expect(world.budget.blocks == [CountedRequests.Block(until: until, reason: reason)])
            #expect(world.standIn.requests.count == 1)
        }
    }

    @Test func `Without a time it is half a minute and some`() async throws {
        let now = Timestamp.now
        try await CatalogueWorld.running(now: { now }) { world in
            world.standIn.inject(.tooManyRequests(retryAfter: nil))
            await #expect(throws: CatalogueError.self) { try await world.spotify.tracks(isrc: "QZHDM1900001") }
            let until = try #require(world.budget.blocks.first).until
            #expect(until >= now + .seconds(30) && until <= now + .seconds(36))
        }
    }

    @Test func `A pause that cannot be noted is kept by the process itself`() async throws {
        let clock = MovedClock()
        try await CatalogueWorld.running(now: { clock.now }) { world in
            let id = try world.trackID("Cast Off")
            world.budget.loseNotes()
            world.standIn.inject(.tooManyRequests(retryAfter: 3600))
            for _ in 0..<3 {
                await #expect(throws: CatalogueError.self) { try await world.spotify.track(id) }
            }
            #expect(world.standIn.requests.count == 1)
            clock.advance(.seconds(3600))
            _ = try await world.spotify.track(id)
        }
    }

    @Test func `Failures of Spotify's own are tried again, each within the budget`() async throws {
        try await CatalogueWorld.running { world in
            let id = try world.trackID("Cast Off")
            world.standIn.inject(.broken(status: 502, html: "<html>Bad gateway</html>"))
            world.standIn.inject(.broken(status: 503, html: ""))
            #expect(try await world.spotify.track(id).name == "Cast Off")
            #expect(world.budget.permits == 3)
            world.standIn.inject(.refuses)
            #expect(try await world.spotify.album(try world.albumID("Night Ferry")).name == "Night Ferry")
        }
    }

    @Test func `Failures in a row end in a pause without requests`() async throws {
        try await CatalogueWorld.running { world in
            let id = try world.trackID("Cast Off")
            world.standIn.inject(.broken(status: 500, html: "<html>"), times: nil)
            for _ in 0..<3 {
                let error = await #expect(throws: CatalogueError.self) { try await world.spotify.track(id) }
                guard case .unavailable = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
            #expect(world.standIn.requests.count == 5)
        }
    }

    @Test func `An answer that breaks off is no answer`() async throws {
        try await CatalogueWorld.running { world in
            world.standIn.inject(.cutShort)
            let id = try world.trackID("Cast Off")
            await #expect(throws: CatalogueError.unavailable("Spotify's answer about the track \(id) cannot be read")) {
                try await world.spotify.track(id)
            }
        }
    }

    @Test func `What was answered before is only asked whether it still holds`() async throws {
        try await CatalogueWorld.running { world in
            let id = try world.albumID("Night Ferry")
            let first = try await world.spotify.album(id)
            #expect(try await world.spotify.album(id) == first)
            #expect(world.standIn.requests.map(\.status) == [200, 304])
            world.standIn.change { world in
                let index = world.albums.firstIndex { $0.id == id }
                if let index { world.albums[index].releaseDate = "2020" }
            }
            #expect(try await world.spotify.album(id).releaseDate == "2020")
            #expect(world.standIn.requests.map(\.status) == [200, 304, 200])
        }
    }

    @Test func `No token is in an error`() async throws {
        try await CatalogueWorld.running { world in
            let token = try await world.tokens.token(for: .app, refused: nil)
            #expect(!"\(token)".contains(token.text))
            world.standIn.inject(.expiredToken, times: nil)
            let error = await #expect(throws: CatalogueError.self) {
                try await world.spotify.search(.init(artist: nil, title: "x"))
            }
            #expect(error.map { !"\($0)".contains("stand-in-") } == true)
        }
    }
}
