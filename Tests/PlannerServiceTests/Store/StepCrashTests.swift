import Catalogues
import Contracts
import Foundation
import Synchronization
import Testing

@testable import PlannerService

/// Crashes at every place of every step, with the database reopened after each.
@Suite struct StepCrashTests {
    private static let list = ShelfID.of(1, "p")
    private static let artist = ShelfID.of(1, "a")

    @Test(arguments: TaskContext.Checkpoint.allCases)
    func `A crash in each step of an expansion loses no entry and submits none twice`(
        _ point: TaskContext.Checkpoint
    ) async throws {
        let catalogue = ShelfCatalogue { shelf in
            shelf.playlists[Self.list] = (0..<600).map { .track(.test($0)) }
        }
        try await PlannerFixture.run { planner in
            let id = try await planner.insert("spotify:playlist:\(Self.list)")
            let crashes = try await runWithCrashes(planner, at: point, Expansion.self) { store, checkpoint in
                planner.expander(catalogue, on: store, checkpoint: checkpoint)
            }
            #expect(crashes >= 6)
            let expansion = try await planner.expansion(id)
            #expect(expansion.state == .completed && expansion.counts.read == 600)
            #expect(expansion.counts.enqueued == 600 && expansion.counts.alreadyEnqueued == 0)
            #expect(try await planner.allJobs().map(\.track.title) == (0..<600).map { "Song \($0)" })
            try Self.expectSameBytesPerKey(planner, point)
        }
    }

    @Test(arguments: TaskContext.Checkpoint.allCases)
    func `A crash in each step of a check and of a backfill changes no result`(
        _ point: TaskContext.Checkpoint
    ) async throws {
        let catalogue = ShelfCatalogue(pageSize: 10) { shelf in
            shelf.releases[Self.artist] = [.test("new", "New", date: "2027-01")]
            shelf.albumTracks["new"] = (0..<30).map { .test(900 + $0) }
            shelf.albums[Self.list] = .test(Self.list, "Blue", total: 4)
            shelf.albumTracks[Self.list] = (1...4).map { .test($0, isrc: false, disc: 1, track: $0) }
            for number in 1...4 { shelf.tracks[ShelfID.of(number)] = .test(number, album: shelf.albums[Self.list]) }
        }
        try await PlannerFixture.run { planner in
            _ = try await planner.watch("spotify:\(Self.artist)", #","backlog":true"#)
            _ = try await runWithCrashes(planner, at: point, WatchEntry.self) { store, checkpoint in
                WatchTask(context: planner.context(catalogue, on: store, checkpoint: checkpoint), jitter: { 1 })
            }
            #expect(try await planner.entry("spotify:\(Self.artist)").lastRun?.counts.enqueued == 30)
            #expect(try await planner.allJobs().map(\.track.title) == (900..<930).map { "Song \($0)" })
            let library = ShelfLibrary((1...3).map { .test("Song \($0)", album: "Blue") })
            let id = try await planner.store.beginBackfill(BackfillTerms(maxItems: 100)).id
            _ = try await runWithCrashes(planner, at: point, Backfill.self) { store, checkpoint in
                BackfillTask(
                    context: planner.context(catalogue, on: store, checkpoint: checkpoint), library: library,
                    unmatchedJobs: LedgerJobs(ledger: planner.ledger))
            }
            let counts = try await planner.backfill(id).counts
            #expect(counts.processed == 3 && counts.albums == 1 && counts.tracks == 1)
            #expect(try await planner.allJobs().map(\.track.title).suffix(1) == ["Song 4"])
            #expect(try await planner.allJobs().count == 31)
            try Self.expectSameBytesPerKey(planner, point)
        }
    }

    /// Runs a task with one crash at `point` in each step. The database is opened anew after each crash.
    private func runWithCrashes<Work: LeasedTask>(
        _ planner: PlannerFixture, at point: TaskContext.Checkpoint, _: Work.Row.Type,
        _ work: (PlannerStore, @escaping @Sendable (TaskContext.Checkpoint) throws -> Void) -> Work
    ) async throws -> Int {
        var crashes = 0
        while true {
            let store = try planner.secondStore()
            let mustCrash = Mutex(true)
            let doomed = work(store) { reached in
                guard reached == point else { return }
                let crash = mustCrash.withLock { flag in
                    defer { flag = false }
                    return flag
                }
                if crash { throw SimulatedCrash() }
            }
            do {
                try await doomed.drain()
                try store.close()
                return crashes
            } catch is SimulatedCrash {
                crashes += 1
                try store.close()
                planner.clock.advance(by: .seconds(6))
            }
            // The step after a crash must make progress without another one.
            let next = try planner.secondStore()
            _ = try await work(next) { _ in }.advance()
            try next.close()
        }
    }

    /// Expects that no key was used for two submissions, and that a repeated key had the same bytes.
    private static func expectSameBytesPerKey(
        _ planner: PlannerFixture, _ point: TaskContext.Checkpoint
    ) throws {
        let submissions = planner.intake.received.submissions.withLock { $0 }
        for (key, uses) in Dictionary(grouping: submissions, by: \.key) {
            #expect(Set(uses.map(\.body)).count == 1, "\(key)")
        }
        let repetitions = submissions.count - Set(submissions.map(\.key)).count
        #expect((repetitions > 0) == (point == .responded))
    }
}
