import Contracts
import Foundation
import Testing

@testable import PlannerService

/// Steps that end with an error that is neither the catalogue's nor the gateway's.
@Suite struct StepFailureTests {
    struct Unexpected: Error {}

    private static func list(_ number: Int) -> String { ShelfID.of(number, "p") }
    private static let catalogue = ShelfCatalogue { shelf in
        for number in 1...3 { shelf.playlists[list(number)] = [.track(.test(number))] }
        shelf.beforePage = { if $0 != list(3) { throw Unexpected() } }
    }

    /// Runs all due steps, also those after a step that failed.
    private func drain(_ expander: ExpansionTask) async throws -> Int {
        var failures = 0
        while true {
            do {
                try await expander.drain()
                return failures
            } catch is Unexpected {
                failures += 1
            }
        }
    }

    @Test func `Rows whose steps fail unexpectedly wait, and the rows after them are worked on`() async throws {
        try await PlannerFixture.run { planner in
            var ids: [JobID] = []
            for number in 1...3 { ids.append(try await planner.insert("spotify:playlist:\(Self.list(number))")) }
            #expect(try await drain(planner.expander(Self.catalogue)) == 2)
            #expect(try await planner.expansion(ids[2]).state == .completed)
            let waiting = try await planner.expansion(ids[0])
            #expect(waiting.state == .queued && waiting.failures == 1 && waiting.dueAt > planner.clock.now)
            planner.clock.advance(by: .seconds(6))
            #expect(try await drain(planner.expander(Self.catalogue)) == 2)
            let later = try await planner.expansion(ids[0])
            #expect(
                later.failures == 2 && later.dueAt.since(planner.clock.now) > waiting.dueAt.since(waiting.createdAt))
        }
    }

    @Test func `A row whose steps fail too often fails with the error`() async throws {
        try await PlannerFixture.run { planner in
            let id = try await planner.insert("spotify:playlist:\(Self.list(1))")
            let watch = try await planner.watch("spotify:playlist:\(Self.list(2))")
            for _ in 0..<61 {
                #expect(try await drain(planner.expander(Self.catalogue)) == 1)
                await #expect(throws: Unexpected.self) { try await planner.watcher(Self.catalogue).drain() }
                planner.clock.advance(by: .seconds(901))
            }
            let failed = try await planner.expansion(id)
            #expect(failed.state == .failed && failed.problem?.code == "internal_error")
            #expect(failed.problem?.message.contains("Unexpected") == true)
            #expect(try await planner.entry(watch.key).problem?.code == "internal_error")
        }
    }

    @Test func `A pending submission keeps its key and bytes after a failure`() async throws {
        try await PlannerFixture.run { planner in
            let id = try await planner.insert("spotify:playlist:\(Self.list(3))")
            let doomed = planner.expander(Self.catalogue) { if $0 == .responded { throw Unexpected() } }
            #expect(try await drain(doomed) == 1)
            planner.clock.advance(by: .seconds(6))
            #expect(try await drain(planner.expander(Self.catalogue)) == 0)
            let expansion = try await planner.expansion(id)
            #expect(expansion.state == .completed && expansion.counts.enqueued == 1 && expansion.failures == 0)
            let submissions = planner.intake.received.submissions.withLock { $0 }
            #expect(submissions.count == 2 && submissions[0] == submissions[1])
        }
    }
}
