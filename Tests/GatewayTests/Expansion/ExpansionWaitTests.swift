import Contracts
import Foundation
import Metadata
import TestSupport
import Testing

@testable import Gateway

@Suite struct ExpansionWaitTests {
    private static let list = ShelfID.of(1, "p")
    private static let link = "spotify:playlist:\(list)"

    private static func catalogue(_ failures: CatalogueError...) -> ShelfCatalogue {
        ShelfCatalogue { shelf in
            shelf.playlists[list] = (0..<60).map { .track(.test($0)) }
            shelf.failures = failures
        }
    }

    @Test func `A catalogue that pauses is not asked before the time that it names`() async throws {
        try await GatewayFixture.run { gateway in
            let until = gateway.clock.now + .seconds(3600)
            let catalogue = Self.catalogue(.paused(until: until, because: "Retry-After"))
            let expansion = try await gateway.expand(Self.link, catalogue)
            #expect(expansion.state == .waiting)
            #expect(expansion.dueAt == until)
            #expect(expansion.problem?.code == "paused")
            #expect(try await gateway.store.batch(expansion.plan.batchID)?.state == .running)
            gateway.clock.advance(by: .seconds(3599))
            try await gateway.expander(catalogue).drain()
            #expect(catalogue.calls.count == 1)
            gateway.clock.advance(by: .seconds(2))
            try await gateway.expander(catalogue).drain()
            let after = try await gateway.expansion(expansion.id)
            #expect(after.state == .completed)
            #expect(after.problem == nil)
            #expect(after.counts.enqueued == 60)
        }
    }

    @Test func `Without Spotify a link waits, says what to do, and goes on when there is one`() async throws {
        try await GatewayFixture.run { gateway in
            let expansion = try await gateway.expand(Self.link, nil)
            #expect(expansion.state == .waiting)
            #expect(expansion.problem?.code == "sign_in_needed")
            #expect(expansion.problem?.message.contains("docs/auth/spotify.md") == true)
            gateway.clock.advance(by: .seconds(61))
            try await gateway.expander(Self.catalogue()).drain()
            #expect(try await gateway.expansion(expansion.id).state == .completed)
        }
    }

    @Test(arguments: [
        (CatalogueError.notFound("the playlist"), "not_found"), (.closed("the playlist"), "closed"),
        (.unsupported("playlists"), "unsupported"),
    ])
    func `What trying again does not cure ends the link, with the reason`(
        _ error: CatalogueError, _ code: String
    ) async throws {
        try await GatewayFixture.run { gateway in
            let catalogue = Self.catalogue(error)
            let expansion = try await gateway.expand(Self.link, catalogue)
            #expect(expansion.state == .failed)
            #expect(expansion.problem == Expansion.Problem(code: code, message: error.description))
            gateway.clock.advance(by: .seconds(86_400))
            try await gateway.expander(catalogue).drain()
            #expect(catalogue.calls.count == 1)
            #expect(try await gateway.store.batch(expansion.plan.batchID)?.state == .failed)
        }
    }

    @Test func `A catalogue that does not answer is asked again at growing intervals, and given up at last`()
        async throws
    {
        try await GatewayFixture.run { gateway in
            let catalogue = Self.catalogue()
            catalogue.change { $0.failures = Array(repeating: .unavailable("no answer"), count: 100) }
            let id = try await gateway.submit(link: Self.link)
            var pauses: [Duration] = []
            for _ in 0..<200 where try await !gateway.expansion(id).state.isFinal {
                try await gateway.expander(catalogue).drain()
                let due = try await gateway.expansion(id).dueAt
                pauses.append(due.since(gateway.clock.now))
                gateway.clock.advance(by: max(.zero, due.since(gateway.clock.now)))
            }
            #expect(Array(pauses.prefix(4)) == [.seconds(5), .seconds(10), .seconds(20), .seconds(40)])
            #expect(pauses.max() == .seconds(900))
            #expect(try await gateway.expansion(id).state == .failed)
            #expect(catalogue.calls.count == 61)
        }
    }

    @Test func `An answer in between begins the count anew`() async throws {
        try await GatewayFixture.run { gateway in
            let catalogue = Self.catalogue(.unavailable("no answer"))
            let waiting = try await gateway.expand(Self.link, catalogue)
            #expect(waiting.failures == 1)
            gateway.clock.advance(by: .seconds(5))
            #expect(try await gateway.expander(catalogue).advance())
            #expect(try await gateway.expansion(waiting.id).failures == 0)
        }
    }

    @Test func `A link is not read after its submission has expired`() async throws {
        try await GatewayFixture.run { gateway in
            let catalogue = Self.catalogue()
            let id = try await gateway.submit(link: Self.link, #","expires_at":"2020-01-01T00:00:00Z""#)
            try await gateway.expander(catalogue).drain()
            #expect(try await gateway.expansion(id).problem?.code == "expired")
            #expect(catalogue.calls.isEmpty)
        }
    }
}
