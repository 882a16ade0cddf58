import Accounts
import Catalogues
import Contracts
import Foundation
import ServiceKit
import Synchronization
import Testing

@testable import PlannerService

/// What backfills did wrong in earlier versions.
@Suite struct BackfillDefectTests {
    private static let catalogue = ShelfCatalogue()

    private static func library(_ count: Int) -> ShelfLibrary {
        ShelfLibrary((0..<count).map { .test("File \($0 + 100)") })
    }

    private func looked(_ catalogue: ShelfCatalogue) -> [String] {
        catalogue.calls.filter { $0.hasPrefix("search") }.map { String($0.dropFirst("search File ".count)) }
    }

    @Test func `A backfill continues where the last one stopped, and wraps around at the end`() async throws {
        try await PlannerFixture.run { planner in
            let library = Self.library(10)
            var rounds: [[String]] = []
            for _ in 0..<4 {
                let catalogue = ShelfCatalogue()
                let backfill = try await planner.runBackfill(.albumless(4), catalogue, library)
                #expect(backfill.state == .completed && backfill.counts.processed == 4)
                rounds.append(looked(catalogue))
            }
            let expected = (0..<16).map { "\($0 % 10 + 100)" }
            #expect(rounds.flatMap { $0 } == expected)
        }
    }

    @Test func `A backfill reads no file twice when it wraps around`() async throws {
        try await PlannerFixture.run { planner in
            let library = Self.library(10)
            _ = try await planner.runBackfill(.albumless(7), ShelfCatalogue(), library)
            let catalogue = ShelfCatalogue()
            let backfill = try await planner.runBackfill(.albumless(100), catalogue, library)
            #expect(backfill.counts.processed == 10)
            #expect(looked(catalogue) == [107, 108, 109, 100, 101, 102, 103, 104, 105, 106].map { "\($0)" })
        }
    }

    @Test func `A backfill that wraps around passes a position whose file was removed`() async throws {
        try await PlannerFixture.run { planner in
            let library = Self.library(10)
            _ = try await planner.runBackfill(.albumless(10), ShelfCatalogue(), library)
            library.state.withLock { _ = $0.files.removeLast() }
            let backfill = try await planner.runBackfill(.albumless(100), ShelfCatalogue(), library)
            #expect(backfill.state == .completed && backfill.counts.processed == 9)
        }
    }

    @Test func `A backfill that wraps around compares paths by bytes, as the library sorts them`() async throws {
        // In Swift's order of characters the decomposed letter comes after `f`, by bytes before it.
        let titles = ["a", "b", "c", "d", "e\u{301}", "f", "g"]
        try await PlannerFixture.run { planner in
            let library = ShelfLibrary(titles.map { .test("File \($0)", artist: "A") })
            _ = try await planner.runBackfill(.albumless(6), ShelfCatalogue(), library)
            let catalogue = ShelfCatalogue()
            let backfill = try await planner.runBackfill(.albumless(100), catalogue, library)
            #expect(backfill.state == .completed && backfill.counts.processed == 7)
            let expected = ["g", "a", "b", "c", "d", "e\u{301}", "f"]
            #expect(looked(catalogue) == expected)
        }
    }

    @Test func `Jobs get a quarter of the lookups when there are enough files, and all when there are none`()
        async throws
    {
        try await PlannerFixture.run { planner in
            for number in 1...9 { try await planner.addUnmatchedJob("Job \(number)") }
            let catalogue = ShelfCatalogue()
            let backfill = try await planner.runBackfill(.albumless(12), catalogue, Self.library(30))
            #expect(backfill.state == .completed && backfill.counts.processed == 12)
            #expect(searches(catalogue).suffix(3) == ["Job 1", "Job 2", "Job 3"])
            let second = ShelfCatalogue()
            _ = try await planner.runBackfill(.albumless(8), second, ShelfLibrary([]))
            // The rest of the circle, then the beginning.
            #expect(searches(second) == [4, 5, 6, 7, 8, 9, 1, 2].map { "Job \($0)" })
        }
    }

    @Test func `Files get the lookups that the jobs do not need`() async throws {
        try await PlannerFixture.run { planner in
            try await planner.addUnmatchedJob("Job 1")
            let catalogue = ShelfCatalogue()
            let backfill = try await planner.runBackfill(.albumless(12), catalogue, Self.library(30))
            #expect(backfill.counts.processed == 12)
            #expect(searches(catalogue).filter { $0.hasPrefix("Job") } == ["Job 1"])
        }
    }

    @Test func `A backfill looks no job up twice when it wraps around`() async throws {
        try await PlannerFixture.run { planner in
            for number in 1...7 { try await planner.addUnmatchedJob("Job \(number)") }
            _ = try await planner.runBackfill(.albumless(3), ShelfCatalogue(), ShelfLibrary([]))
            let catalogue = ShelfCatalogue()
            let backfill = try await planner.runBackfill(.albumless(100), catalogue, ShelfLibrary([]))
            #expect(backfill.counts.processed == 7)
            #expect(searches(catalogue) == [4, 5, 6, 7, 1, 2, 3].map { "Job \($0)" })
        }
    }

    @Test func `An empty page of jobs does not end the jobs, and the last page ends them`() async throws {
        try await PlannerFixture.run { planner in
            let job = JobDocument(
                jobID: JobID(), dedupeKey: "k", track: Track(artist: "Nina Simone", title: "Job 7"))
            let pages = PagedJobs([
                0: UnmatchedJobPage(items: [], next: 5),
                5: UnmatchedJobPage(items: [.init(number: 7, job: job)], next: nil),
            ])
            let catalogue = ShelfCatalogue()
            let id = try await planner.store.beginBackfill(.albumless(100)).id
            let task = BackfillTask(
                context: planner.context(catalogue), library: ShelfLibrary([]), unmatchedJobs: pages)
            try await task.drain()
            let backfill = try await planner.backfill(id)
            #expect(backfill.state == .completed && backfill.counts.processed == 1)
            #expect(pages.requests.withLock(\.self) == [0, 5])
        }
    }

    private func searches(_ catalogue: ShelfCatalogue) -> [String] {
        catalogue.calls.filter { $0.hasPrefix("search") }.map { String($0.dropFirst("search ".count)) }
    }

    @Test func `Metadata that a backfill finds for a job keeps where it comes from`() async throws {
        try await PlannerFixture.run { planner in
            try await planner.addUnmatchedJob("Song 3")
            let catalogue = ShelfCatalogue { $0.tracks[ShelfID.of(3)] = .test(3) }
            let backfill = try await planner.runBackfill(BackfillTerms(maxItems: 10), catalogue, ShelfLibrary([]))
            #expect(backfill.counts.jobs == 1)
            let metadata = try #require(try await planner.allJobs().last?.metadata)
            #expect(metadata.provenance["isrc"] == "spotify" && metadata.provenance["title"] == "job")
        }
    }

    @Test func `A pause while a submission is pending keeps its key, and stays after the response`() async throws {
        try await PlannerFixture.run { planner in
            try await planner.addUnmatchedJob("Song 3")
            let catalogue = ShelfCatalogue { $0.tracks[ShelfID.of(3)] = .test(3) }
            let id = try await planner.store.beginBackfill(BackfillTerms(maxItems: 10)).id
            let doomed = BackfillTask(
                context: planner.context(catalogue) { if $0 == .responded { throw SimulatedCrash() } },
                library: ShelfLibrary([]), unmatchedJobs: LedgerJobs(ledger: planner.ledger))
            await #expect(throws: SimulatedCrash.self) { try await doomed.drain() }
            #expect(try await planner.store.setBackfill(id, to: .paused).state == .paused)
            let backfiller = planner.backfiller(catalogue, ShelfLibrary([]))
            try await backfiller.drain()
            _ = try await planner.store.setBackfill(id, to: .running)
            try await backfiller.drain()
            #expect(try await planner.backfill(id).counts.jobs == 1)
            let keys = planner.intake.received.submissions.withLock { $0.map(\.key) }
            #expect(keys.count == 2 && Set(keys).count == 1)
            #expect(try await planner.allJobs().count == 2)
        }
    }

    @Test func `A sign-in begins one backfill of the jobs that found nothing`() async throws {
        try await PlannerFixture.run { planner in
            try await planner.addUnmatchedJob("Song 3")
            let tokens = SwitchedTokens()
            let wake = WakeSignal()
            let watch = SignInBackfill(
                store: planner.store, tokens: tokens, items: 50, wake: wake, isAllowed: { true },
                logger: planner.context(nil).logger)
            try await watch.check()
            #expect(try await planner.store.backfills(limit: 5).isEmpty)
            tokens.isSignedIn.withLock { $0 = true }
            for _ in 0..<3 { try await watch.check() }
            let begun = try await planner.store.backfills(limit: 5)
            #expect(begun.count == 1 && begun[0].terms.isForJobsOnly && begun[0].terms.maxItems == 50)
            let catalogue = ShelfCatalogue { $0.tracks[ShelfID.of(3)] = .test(3) }
            try await planner.backfiller(catalogue, Self.library(5)).drain()
            let backfill = try await planner.backfill(begun[0].id)
            #expect(backfill.state == .completed && backfill.counts.jobs == 1 && backfill.counts.processed == 1)
            tokens.isSignedIn.withLock { $0 = false }
            try await watch.check()
            tokens.isSignedIn.withLock { $0 = true }
            try await watch.check()
            #expect(try await planner.store.backfills(limit: 5).count == 2)
        }
    }
}

/// Pages of jobs, by the number after which they begin.
final class PagedJobs: UnmatchedJobs {
    let requests = Mutex<[Int64]>([])
    private let pages: [Int64: UnmatchedJobPage]

    init(_ pages: [Int64: UnmatchedJobPage]) { self.pages = pages }

    func page(after number: Int64, limit: Int) async throws(ServiceRequestError) -> UnmatchedJobPage {
        requests.withLock { $0.append(number) }
        return pages[number] ?? UnmatchedJobPage(items: [], next: nil)
    }
}

/// Tokens that exist while a user is signed in.
final class SwitchedTokens: SpotifyTokens {
    let isSignedIn = Mutex(false)

    func token(for access: SpotifyAccess, refused: AccessToken?) async throws -> AccessToken {
        guard isSignedIn.withLock(\.self) else { throw TokenError.signInNeeded("no user") }
        return AccessToken(text: "token", expiresAt: .now + .seconds(3600))
    }
}
