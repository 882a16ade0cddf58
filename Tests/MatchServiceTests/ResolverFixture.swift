import Contracts
import Foundation
import Logging
import Metadata
import ServiceKit
import Fakes
import TestSupport

@testable import MatchService

/// Stand-ins for the catalogues, and what the match service makes of jobs with them.
struct ResolverFixture: Sendable {
    let spotify: FakeSpotify
    let musicBrainz: FakeMusicBrainz
    let resolver: TrackResolver

    /// - Parameters:
    ///   - names: the catalogues that are set up, in the order in which they are asked.
    ///   - user: who has signed in.
    static func running<Result: Sendable>(
        _ names: [String] = ["spotify", "musicbrainz"], fixture: SpotifyFixture = .sample,
        _ body: (ResolverFixture) async throws -> Result
    ) async throws -> Result {
        try await FakeSpotify.running(fixture) { spotify in
            try await FakeMusicBrainz.running(gap: .zero) { musicBrainz in
                let all: [any MusicCatalogue] = [
                    catalogue(at: spotify, budget: UnlimitedRequests()), catalogue(at: musicBrainz),
                ]
                let chosen = names.compactMap { name in all.first { $0.name == name } }
                let resolver = TrackResolver(catalogues: chosen.map { AskedCatalogue(catalogue: $0) })
                return try await body(
                    ResolverFixture(spotify: spotify, musicBrainz: musicBrainz, resolver: resolver))
            }
        }
    }

    static func catalogue(
        at fake: FakeSpotify, budget: any RequestBudget, now: @escaping @Sendable () -> Timestamp = { .now }
    ) -> SpotifyCatalogue {
        var settings = SpotifySettings()
        settings.apiURL = fake.apiURL
        settings.limits.retryBase = .milliseconds(5)
        let tokens = IssuedTokens(fake: fake, user: nil)
        return SpotifyCatalogue(settings, tokens: tokens, budget: budget, userAgent: "HDM/1 ( tests )", now: now)
    }

    private static func catalogue(at fake: FakeMusicBrainz) -> MusicBrainzCatalogue {
        var settings = MusicBrainzSettings()
        settings.url = fake.url
        return MusicBrainzCatalogue(settings, budget: UnlimitedRequests(), userAgent: "HDM/1 ( tests )")
    }

    func resolve(_ track: Track, isFresh: Bool = false) async throws -> Resolution {
        try await resolver.resolve(JobDocument(track: track), isFresh: isFresh, Self.silent)
    }

    /// What was found, or an issue.
    func section(_ track: Track) async throws -> MetadataSection {
        let resolution = try await resolve(track)
        guard case .resolved(let section) = resolution else { throw NotResolved(resolution: resolution) }
        return section
    }

    func spotifyID(_ title: String, on album: String? = nil) throws -> String {
        guard let id = spotify.change({ $0.trackID(title, on: album) }) else { throw NotListed(title: title) }
        return id
    }

    struct NotResolved: Error { let resolution: Resolution }
    struct NotListed: Error { let title: String }

    static let silent = Logger(label: "resolver-test") { _ in SwiftLogNoOpLogHandler() }
}
