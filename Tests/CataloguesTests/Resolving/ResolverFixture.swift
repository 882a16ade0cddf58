import Catalogues
import Contracts
import Fakes
import Foundation
import Logging
import TestSupport

/// Fakes of both catalogues, and a resolver that uses them.
struct ResolverFixture: Sendable {
    let spotify: FakeSpotify
    let musicBrainz: FakeMusicBrainz
    let resolver: TrackResolver

    /// - Parameters:
    ///   - names: The configured catalogues, in the order in which they are used.
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
                let resolver = TrackResolver(chosen.map { MonitoredCatalogue($0) })
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

    /// Requests to both fakes so far.
    var requestCount: Int { spotify.requests.count + musicBrainz.requests.count }

    func resolve(_ track: Track, isFresh: Bool = false) async throws -> Resolution {
        try await resolve(JobDocument(track: track), isFresh: isFresh)
    }

    func resolve(_ job: JobDocument, isFresh: Bool = false) async throws -> Resolution {
        try await resolver.resolve(job, isFresh: isFresh, Self.silent)
    }

    /// Returns the section of a resolved track.
    func section(_ track: Track) async throws -> MetadataSection {
        try await section(JobDocument(track: track))
    }

    func section(_ job: JobDocument) async throws -> MetadataSection {
        let resolution = try await resolve(job)
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

extension Track {
    /// A request by names, by an ISRC or by an id at Spotify.
    static func request(
        _ artist: String = "", _ title: String = "", isrc: String? = nil, id: String? = nil, album: String? = nil
    ) -> Track {
        var track = Track(artist: artist, title: title, album: album)
        track.isrc = isrc
        track.spotifyID = id
        return track
    }
}
