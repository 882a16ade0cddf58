import AMQP
import Catalogues
import Contracts
import Fakes
import Foundation
import Logging
import ServiceKit
import Synchronization
import TestSupport
import Testing

/// `Retry-After` applies to all processes, and also to those that start later.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct SpotifyPauseTests {
    @Test func `A pause of an hour is an hour without a request, also across restarts`() async throws {
        try await withVhost { vhost in
            try await FakeSpotify.running { fake in
                let clock = ManualClock()
                let began = clock.now
                let id = try #require(fake.change { $0.trackID("Cast Off") })
                fake.inject(.tooManyRequests(retryAfter: 3600))
                // Two new processes every few minutes.
                for minute in stride(from: 0, to: 60, by: 4) {
                    for _ in 0..<2 {
                        try await process(vhost, fake, clock) { resolver in
                            try await expectSnooze(resolver, id, until: began + .seconds(3600))
                        }
                    }
                    #expect(fake.requests.count == 1, "after \(minute) minutes")
                    clock.advance(.seconds(240))
                }
                try await process(vhost, fake, clock) { resolver in
                    guard case .resolved(let section) = try await resolve(resolver, .request(id: id)) else {
                        Issue.record("not resolved after the hour")
                        return
                    }
                    #expect(section.track.title == "Cast Off")
                }
            }
        }
    }

    private func expectSnooze(_ resolver: TrackResolver, _ id: String, until: Timestamp) async throws {
        guard case .snooze(let time, let reason, _) = try await resolve(resolver, .request(id: id)) else {
            Issue.record("no snooze")
            return
        }
        #expect(time == until && reason.localizedCaseInsensitiveContains("spotify"))
        guard until.since(resolver.now()) > .seconds(300) else { return }
        // A job with names continues without Spotify.
        #expect(try await resolve(resolver, Track(artist: "Lantern Row", title: "Cast Off")) == .unchanged)
    }

    private func resolve(_ resolver: TrackResolver, _ track: Track) async throws -> Resolution {
        try await resolver.resolve(JobDocument(track: track), isFresh: false, ResolverFixture.silent)
    }

    /// Runs with the parts of one process: it has connections of its own, which are closed at its end.
    private func process(
        _ vhost: TestVhost, _ fake: FakeSpotify, _ clock: ManualClock,
        _ body: (TrackResolver) async throws -> Void
    ) async throws {
        let connections = try ["consuming", "publishing"].map { name in
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
        var resolver = TrackResolver([MonitoredCatalogue(catalogue)])
        resolver.now = { clock.now }
        let result = await Result { try await body(resolver) }
        await catalogue.close()
        for connection in connections { await connection.close() }
        try result.get()
    }
}
