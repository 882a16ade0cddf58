import AMQP
import CatalogueAccess
import Contracts
import Foundation
import Metadata
import ServiceKit
import Synchronization
import Fakes
import TestSupport
import Testing

@testable import MatchService

/// `Retry-After` holds for all processes and outlives them: what was asked to be left alone is.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.howToGetOne)"))
struct SpotifyPauseTests {
    @Test func `an hour's pause is an hour without a request, through restarts of every process`() async throws {
        try await withVhost { vhost in
            try await FakeSpotify.running { fake in
                let clock = MovedClock()
                let began = clock.now
                let id = try #require(fake.change { $0.trackID("Cast Off") })
                fake.inject(.tooManyRequests(retryAfter: 3600))
                // Two processes at a time, new ones every few minutes.
                for minute in stride(from: 0, to: 60, by: 4) {
                    for _ in 0..<2 {
                        try await process(vhost, fake, clock) { resolver in
                            try await expectToWait(resolver, id, until: began + .seconds(3600))
                        }
                    }
                    #expect(fake.requests.count == 1, "after \(minute) minutes")
                    clock.advance(.seconds(240))
                }
                try await process(vhost, fake, clock) { resolver in
                    guard case .resolved(let section) = try await resolve(resolver, nameless(id)) else {
                        Issue.record("does not go on after the hour")
                        return
                    }
                    #expect(section.track.title == "Cast Off")
                }
            }
        }
    }

    private func expectToWait(_ resolver: TrackResolver, _ id: String, until: Timestamp) async throws {
        guard case .snooze(let time, let reason) = try await resolve(resolver, nameless(id)) else {
            Issue.record("does not wait")
            return
        }
        #expect(time == until && reason.localizedCaseInsensitiveContains("spotify"))
        guard until.since(resolver.now()) > .seconds(300) else { return }
        // A job with names does not need Spotify.
        #expect(try await resolve(resolver, Track(artist: "Lantern Row", title: "Cast Off")) == .unchanged)
    }

    private func resolve(_ resolver: TrackResolver, _ track: Track) async throws -> Resolution {
        try await resolver.resolve(JobDocument(track: track), isFresh: false, ResolverFixture.silent)
    }

    private func nameless(_ id: String) -> Track {
        var track = Track(artist: "", title: "")
        track.spotifyID = id
        return track
    }

    /// A match process with connections of its own, which it takes with it.
    private func process(
        _ vhost: TestVhost, _ fake: FakeSpotify, _ clock: MovedClock,
        _ body: (TrackResolver) async throws -> Void
    ) async throws {
        let connections = try ["reading", "publishing"].map { name in
            AMQPConnection(
                ConnectionConfiguration(addresses: try BrokerAddress.list(vhost.url), name: name),
                logger: ResolverFixture.silent)
        }
        let limits = try #require(try BudgetLimits(Settings(environment: [:]), provider: "spotify"))
        let budget = ProviderBudget(
            "spotify", limits, reading: connections[0], publishing: connections[1], queueType: .classic,
            clock: BudgetClock(now: { clock.now }, sleep: { clock.advance($0) }), logger: ResolverFixture.silent)
        let catalogue = ResolverFixture.catalogue(
            at: fake, budget: SharedRequests(budget: budget, patience: .seconds(10)), now: { clock.now })
        var resolver = TrackResolver(catalogues: [AskedCatalogue(catalogue: catalogue)])
        resolver.now = { clock.now }
        let result = await Result { try await body(resolver) }
        await catalogue.close()
        for connection in connections { await connection.close() }
        try result.get()
    }
}
