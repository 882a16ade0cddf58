import Contracts
import Fakes
import Foundation
import HTTPClient
import Logging
import TestSupport
import Testing

@testable import Catalogues

@Suite("The response cache")
struct ResponseCacheTests {
    private static let day = Duration.seconds(86_400)

    private static func cache(
        _ folder: TemporaryFolder, _ clock: ManualClock, bounds: ResponseCache.Bounds = .init()
    ) throws -> ResponseCache {
        try ResponseCache(
            folder.path("catalogue-cache.db"), bounds: bounds, clock: { clock.now },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test func `A response about a track outlives a restart and serves other processes without a permit`() async throws
    {
        let clock = ManualClock()
        try await withTemporaryFolder { folder in
            let (first, second) = (try Self.cache(folder, clock), try Self.cache(folder, clock))
            try await CatalogueFixture.running(cache: first, now: { clock.now }) { fixture in
                let id = try fixture.trackID("Cast Off")
                let track = try await fixture.spotify.track(id)
                #expect(try await fixture.spotify.track(id) == track)
                #expect(fixture.budget.permits == 1 && fixture.fake.requests.count == 1)
                try first.close()
                // The catalogue of another process, with the same address of the fake.
                var settings = SpotifySettings()
                settings.apiURL = fixture.fake.apiURL
                let budget = CountedRequests()
                let other = SpotifyCatalogue(
                    settings, tokens: fixture.tokens, budget: budget, cache: second, userAgent: "HDM/1 ( tests )",
                    now: { clock.now })
                #expect(try await other.track(id) == track)
                #expect(budget.permits == 0 && fixture.fake.requests.count == 1)
                await other.close()
            }
            try second.close()
        }
    }

    @Test func `An old response is confirmed with its ETag, and is then fresh again`() async throws {
        let clock = ManualClock()
        try await withTemporaryFolder { folder in
            let cache = try Self.cache(folder, clock)
            try await CatalogueFixture.running(cache: cache, now: { clock.now }) { fixture in
                let id = try fixture.albumID("Night Ferry")
                let first = try await fixture.spotify.album(id)
                clock.advance(Self.day)
                for _ in 0..<3 { #expect(try await fixture.spotify.album(id) == first) }
                #expect(fixture.fake.requests.map(\.status) == [200, 304] && fixture.budget.permits == 2)
                fixture.fake.change { fixture in
                    let index = fixture.albums.firstIndex { $0.id == id }
                    if let index { fixture.albums[index].releaseDate = "2020" }
                }
                clock.advance(Self.day)
                #expect(try await fixture.spotify.album(id).releaseDate == "2020")
                #expect(fixture.fake.requests.map(\.status) == [200, 304, 200])
            }
            try cache.close()
        }
    }

    @Test func `Cache-Control decides how long a response is fresh, and whether it is stored`() async throws {
        for (directives, seconds, statuses) in [
            ("public, max-age=60", 59, [200]), ("public, max-age=60", 60, [200, 304]),
            ("max-age=60, no-cache", 1, [200, 304]), ("no-store", 1, [200, 200]),
        ] {
            let clock = ManualClock()
            var sample = SpotifyFixture.sample
            sample.cacheControl = directives
            try await withTemporaryFolder { folder in
                let cache = try Self.cache(folder, clock)
                try await CatalogueFixture.running(sample, cache: cache, now: { clock.now }) { fixture in
                    let id = try fixture.trackID("Cast Off")
                    _ = try await fixture.spotify.track(id)
                    clock.advance(.seconds(seconds))
                    _ = try await fixture.spotify.track(id)
                    #expect(fixture.fake.requests.map(\.status) == statuses, "\(directives) after \(seconds) s")
                }
                try cache.close()
            }
        }
    }

    @Test func `A user's lists are always confirmed, because another user may have signed in`() async throws {
        let clock = ManualClock()
        var sample = SpotifyFixture.sample
        sample.cacheControl = "private, max-age=3600"
        try await withTemporaryFolder { folder in
            let cache = try Self.cache(folder, clock)
            try await CatalogueFixture.running(sample, cache: cache, now: { clock.now }) { fixture in
                for _ in 0..<2 { _ = try await fixture.spotify.savedTracks(from: 0) }
                #expect(fixture.fake.requests.map(\.status) == [200, 304])
            }
            try cache.close()
        }
    }

    @Test func `Its size and age are bounded`() async throws {
        let clock = ManualClock()
        try await withTemporaryFolder { folder in
            let cache = try Self.cache(folder, clock, bounds: .init(bytes: 80_000, age: Self.day))
            for number in 0..<200 {
                clock.advance(.milliseconds(1))
                await cache.store(Self.entry(1000, clock.now), for: "\(number)")
            }
            await cache.store(Self.entry(10_001, clock.now), for: "large")
            let (newest, oldest) = (await cache.entry("199"), await cache.entry("0"))
            #expect(newest != nil && oldest == nil)
            let large = await cache.entry("large")
            #expect(large == nil, "more than an eighth of the cache")
            clock.advance(Self.day)
            let expired = await cache.entry("199")
            #expect(expired == nil)
            try cache.close()
        }
    }

    @Test func `A damaged file is replaced`() async throws {
        let clock = ManualClock()
        try await withTemporaryFolder { folder in
            try Data(repeating: 0x55, count: 8192).write(to: folder.file("catalogue-cache.db"))
            let cache = try Self.cache(folder, clock)
            await cache.store(Self.entry(10, clock.now), for: "a")
            let entry = await cache.entry("a")
            #expect(entry?.body.count == 10)
            try cache.close()
        }
    }

    @Test func `Without a usable file, requests are made as usual`() async throws {
        let clock = ManualClock()
        try await withTemporaryFolder { folder in
            let cache = try Self.cache(folder, clock)
            try cache.close()
            try await CatalogueFixture.running(cache: cache, now: { clock.now }) { fixture in
                let id = try fixture.trackID("Cast Off")
                for _ in 0..<2 { #expect(try await fixture.spotify.track(id).name == "Cast Off") }
                #expect(fixture.fake.requests.map(\.status) == [200, 200])
            }
        }
    }

    private static func entry(_ size: Int, _ now: Timestamp) -> ResponseCache.Entry {
        ResponseCache.Entry(etag: "\"x\"", body: Data(repeating: 1, count: size), freshUntil: now + .seconds(60))
    }
}
