import Accounts
import Catalogues
import Contracts
import Fakes
import Foundation
import Synchronization
import TestSupport

/// A fake of Spotify, the catalogue that uses it, and the source of its tokens.
struct CatalogueFixture: Sendable {
    let fake: FakeSpotify
    let spotify: SpotifyCatalogue
    let tokens: IssuedTokens
    let budget: CountedRequests

    /// - Parameters:
    ///   - user: The signed-in user; `nil` for nobody.
    ///   - cache: The cache of the catalogue; `nil` for none.
    ///   - now: The clock of the catalogue.
    static func running<Result: Sendable>(
        _ fixture: SpotifyFixture = .sample, user: String? = SpotifyFixture.listener, cache: ResponseCache? = nil,
        releaseLimit: Int = 1000, now: @escaping @Sendable () -> Timestamp = { .now },
        _ body: (CatalogueFixture) async throws -> Result
    ) async throws -> Result {
        try await FakeSpotify.running(fixture) { fake in
            var settings = SpotifySettings()
            settings.apiURL = fake.apiURL
            settings.limits.retryBase = .milliseconds(5)
            settings.releaseLimit = ReleaseLimit(releaseLimit)
            let tokens = IssuedTokens(fake: fake, user: user)
            let budget = CountedRequests()
            let spotify = SpotifyCatalogue(
                settings, tokens: tokens, budget: budget, cache: cache, userAgent: "HDM/1 ( tests )", now: now)
            let result = try await body(
                CatalogueFixture(fake: fake, spotify: spotify, tokens: tokens, budget: budget))
            await spotify.close()
            return result
        }
    }

    func trackID(_ name: String, on album: String? = nil) throws -> String {
        try fake.change { Self.found($0.trackID(name, on: album)) }.get()
    }

    func albumID(_ name: String) throws -> String { try fake.change { Self.found($0.albumID(name)) }.get() }
    func artistID(_ name: String) throws -> String { try fake.change { Self.found($0.artistID(name)) }.get() }
    func playlistID(_ name: String) throws -> String { try fake.change { Self.found($0.playlistID(name)) }.get() }

    private static func found(_ id: String?) -> Result<String, NotInFixture> {
        id.map { .success($0) } ?? .failure(NotInFixture())
    }

    struct NotInFixture: Error {}
}

/// A budget without limits that counts permits and records blocks.
final class CountedRequests: RequestBudget {
    struct Block: Equatable {
        let until: Timestamp
        let reason: String
    }

    private struct State {
        var permits = 0
        var blocks: [Block] = []
        var rejectsBlocks = false
    }

    private let state = Mutex(State())

    var permits: Int { state.withLock { $0.permits } }
    var blocks: [Block] { state.withLock { $0.blocks } }

    /// From now on blocks cannot be recorded, as while the broker is unreachable.
    func rejectBlocks() { state.withLock { $0.rejectsBlocks = true } }

    func withPermit<Value: Sendable>(
        _ request: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        state.withLock { $0.permits += 1 }
        return try await request()
    }

    func block(until: Timestamp, because reason: String) async throws {
        try state.withLock { state in
            if state.rejectsBlocks { throw Unreachable() }
            state.blocks.append(Block(until: until, reason: reason))
        }
    }

    struct Unreachable: Error {}
}
