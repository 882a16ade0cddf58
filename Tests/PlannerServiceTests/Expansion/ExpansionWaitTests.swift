import Catalogues
import Contracts
import Foundation
import TestSupport
import Testing

@testable import PlannerService

@Suite struct ExpansionWaitTests {
    private static let list = ShelfID.of(1, "p")
    private static let link = "spotify:playlist:\(list)"

    private static func catalogue(_ failures: CatalogueError...) -> ShelfCatalogue {
        ShelfCatalogue { shelf in
            shelf.playlists[list] = (0..<60).map { .track(.test($0)) }
            shelf.failures = failures
        }
    }

    @Test func `A catalogue that pauses gets no request before the time that it names`() async throws {
        try await PlannerFixture.run { planner in
            let until = planner.clock.now + .seconds(3600)
            let catalogue = Self.catalogue(.paused(until: until, because: "Retry-After"))
            let expansion = try await planner.expand(Self.link, catalogue)
            #expect(expansion.state == .waiting)
            #expect(expansion.dueAt == until)
            #expect(expansion.problem?.code == "paused")
            planner.clock.advance(by: .seconds(3599))
            try await planner.expander(catalogue).drain()
            #expect(catalogue.calls.count == 1)
            planner.clock.advance(by: .seconds(2))
            try await planner.expander(catalogue).drain()
            let after = try await planner.expansion(expansion.id)
            #expect(after.state == .completed)
            #expect(after.problem == nil)
            #expect(after.counts.enqueued == 60)
        }
    }

    @Test func `Without Spotify a link waits with instructions, and continues when Spotify is configured`() async throws
    {
        try await PlannerFixture.run { planner in
            let expansion = try await planner.expand(Self.link, nil)
            #expect(expansion.state == .waiting)
            #expect(expansion.problem?.code == "sign_in_needed")
            #expect(expansion.problem?.message.contains("docs/auth/spotify.md") == true)
            planner.clock.advance(by: .seconds(61))
            try await planner.expander(Self.catalogue()).drain()
            #expect(try await planner.expansion(expansion.id).state == .completed)
        }
    }

    @Test(arguments: [
        (CatalogueError.notFound("the playlist"), "not_found"), (.closed("the playlist"), "closed"),
        (.unsupported("playlists"), "unsupported"),
    ])
    func `An error that a retry does not solve fails the expansion with the reason`(
        _ error: CatalogueError, _ code: String
    ) async throws {
        try await PlannerFixture.run { planner in
            let catalogue = Self.catalogue(error)
            let expansion = try await planner.expand(Self.link, catalogue)
            #expect(expansion.state == .failed)
            #expect(expansion.problem == TaskProblem(code: code, message: error.description))
            planner.clock.advance(by: .seconds(86_400))
            try await planner.expander(catalogue).drain()
            #expect(catalogue.calls.count == 1)
        }
    }

    @Test func `An unavailable catalogue is tried at growing intervals, and given up in the end`()
        async throws
    {
        try await PlannerFixture.run { planner in
            let catalogue = Self.catalogue()
            catalogue.change { $0.failures = Array(repeating: .unavailable("no answer"), count: 100) }
            let id = try await planner.insert(Self.link)
            var pauses: [Duration] = []
            for _ in 0..<200 where try await !planner.expansion(id).state.isFinal {
                try await planner.expander(catalogue).drain()
                let due = try await planner.expansion(id).dueAt
                pauses.append(due.since(planner.clock.now))
                planner.clock.advance(by: max(.zero, due.since(planner.clock.now)))
            }
            #expect(Array(pauses.prefix(4)) == [.seconds(5), .seconds(10), .seconds(20), .seconds(40)])
            #expect(pauses.max() == .seconds(900))
            #expect(try await planner.expansion(id).state == .failed)
            #expect(catalogue.calls.count == 61)
        }
    }

    @Test func `A response resets the number of failures`() async throws {
        try await PlannerFixture.run { planner in
            let catalogue = Self.catalogue(.unavailable("no answer"))
            let waiting = try await planner.expand(Self.link, catalogue)
            #expect(waiting.failures == 1)
            planner.clock.advance(by: .seconds(5))
            #expect(try await planner.expander(catalogue).advance())
            #expect(try await planner.expansion(waiting.id).failures == 0)
        }
    }

    @Test func `A link is not read after its submission has expired`() async throws {
        try await PlannerFixture.run { planner in
            let catalogue = Self.catalogue()
            let id = try await planner.insert(Self.link) { $0.expiresAt = Timestamp("2020-01-01T00:00:00Z") }
            try await planner.expander(catalogue).drain()
            #expect(try await planner.expansion(id).problem?.code == "expired")
            #expect(catalogue.calls.isEmpty)
        }
    }
}
