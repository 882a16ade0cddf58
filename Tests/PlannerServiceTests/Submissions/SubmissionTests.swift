import Catalogues
import Contracts
import Foundation
import Testing

@testable import JobLedger
@testable import PlannerService

@Suite struct SubmissionTests {
    private static let list = ShelfID.of(1, "p")
    private static let link = "spotify:playlist:\(list)"

    private static func catalogue(_ count: Int) -> ShelfCatalogue {
        ShelfCatalogue { $0.playlists[list] = (0..<count).map { .track(.test($0)) } }
    }

    @Test func `A page with more items than a submission may have becomes several submissions`() async throws {
        var limits = PlannerLimits()
        limits.maxItems = 20
        try await PlannerFixture.run(limits: limits) { planner in
            let expansion = try await planner.expand(Self.link, Self.catalogue(120))
            #expect(expansion.counts.enqueued == 120 && expansion.state == .completed)
            let submissions = planner.intake.received.submissions.withLock { $0 }
            let items = try submissions.map { try ContractCoding.decode(Submission.self, from: $0.body).items.count }
            #expect(items == [20, 20, 10, 20, 20, 10, 20])
            #expect(submissions.map(\.key) == (0..<7).map { "expansion:\(expansion.id):\($0)" })
            let jobs = try await planner.allJobs()
            #expect(jobs.map(\.track.title) == (0..<120).map { "Song \($0)" })
        }
    }

    @Test func `A submission stays below its size limit`() throws {
        var draft = SubmissionDraft(Submission(items: []), PlannerLimits())
        for number in 0..<40 {
            var track = Track(artist: "A", title: "\(number)")
            track.genres = [String(repeating: "x", count: 100_000)]
            #expect(try draft.append(SubmissionItem(track: track)))
        }
        var huge = Track(artist: "A", title: "huge")
        huge.genres = [String(repeating: "x", count: 600_000)]
        #expect(try !draft.append(SubmissionItem(track: huge)))
        let bodies = try draft.encoded()
        #expect(bodies.allSatisfy { $0.count <= SubmissionDraft.largestBody })
        let titles = try bodies.flatMap {
            try ContractCoding.decode(Submission.self, from: $0).items.map(\.track.title)
        }
        #expect(titles == (0..<40).map { "\($0)" })
    }

    @Test func `No submission is larger than HDM_HTTP_MAX_BODY_BYTES allows`() throws {
        var limits = PlannerLimits()
        limits.maxBodyBytes = 50_000
        var frame = Submission(items: [])
        frame.batchID = String(repeating: "b", count: 1000)
        var draft = SubmissionDraft(frame, limits)
        for number in 0..<40 {
            var track = Track(artist: "A", title: "\(number)")
            track.genres = [String(repeating: "x", count: 10_000)]
            #expect(try draft.append(SubmissionItem(track: track)))
        }
        var large = Track(artist: "A", title: "large")
        large.genres = [String(repeating: "x", count: 49_500)]
        #expect(try !draft.append(SubmissionItem(track: large)))
        let bodies = try draft.encoded()
        #expect(bodies.count == 10 && bodies.allSatisfy { $0.count <= 50_000 })
    }

    @Test func `A refused submission ends the expansion with the gateway's reason`() async throws {
        try await PlannerFixture.run { planner in
            let problem = TaskProblem(code: "CONFLICT", message: "the key was used for another submission")
            planner.intake.received.results.withLock { $0 = [.refused(problem)] }
            let expansion = try await planner.expand(Self.link, Self.catalogue(60))
            #expect(expansion.state == .failed && expansion.problem == problem)
            #expect(expansion.pending == nil)
            try await planner.expander(Self.catalogue(60)).drain()
            #expect(planner.intake.received.submissions.withLock { $0.count } == 1)
        }
    }

    @Test func `A refused submission ends a check, and the next one submits everything`() async throws {
        try await PlannerFixture.run { planner in
            let catalogue = Self.catalogue(60)
            _ = try await planner.watch(Self.link, #","backlog":true"#)
            planner.intake.received.results.withLock { $0 = [.refused(TaskProblem(code: "X", message: "x"))] }
            try await planner.watcher(catalogue).drain()
            #expect(try await planner.entry(Self.link).problem?.code == "X")
            #expect(try await planner.allJobs().isEmpty)
            planner.clock.advance(by: .seconds(86_401))
            try await planner.watcher(catalogue).drain()
            #expect(try await planner.allJobs().count == 60)
        }
    }

    @Test func `The fields of an expanded track name the catalogue that they come from`() async throws {
        try await PlannerFixture.run { planner in
            let catalogue = ShelfCatalogue { shelf in
                var full = CatalogueTrack.test(1, album: .test("b", "Blue", date: "2020"))
                full.durationMS = 200_000
                shelf.playlists[Self.list] = [.track(full), .track(.test(2, isrc: false))]
            }
            _ = try await planner.expand(Self.link, catalogue)
            let metadata = try await planner.allJobs().map { try #require($0.metadata) }
            #expect(metadata[0].provenance["isrc"] == "spotify" && metadata[0].provenance["album"] == "spotify")
            #expect(metadata[0].provenance.values.allSatisfy { $0 == "spotify" })
            #expect(metadata[0].spotifyID == ShelfID.of(1) && metadata[0].track.isrc == "USTST0000001")
            #expect(metadata[0].preliminary != true, "needs no further request")
            #expect(metadata[1].preliminary == true, "the match stage looks up the missing fields")
        }
    }

    @Test func `A link request is stored once, and every change becomes one event`() async throws {
        try await PlannerFixture.run { planner in
            var request = LinkRequest(
                expansionID: JobID(), batchID: JobID(), link: Self.link, submittedAt: planner.clock.now)
            request.requestedBy = "anna"
            try await planner.store.insert(request)
            try await planner.store.insert(request)
            #expect(try await planner.store.unemittedExpansions(limit: 10).isEmpty)
            try await planner.expander(Self.catalogue(60)).drain()
            let (number, event) = try #require(try await planner.store.unemittedExpansions(limit: 10).first)
            #expect(event.state == .completed && event.step == 2 && event.counts.enqueued == 60)
            #expect(event.batchID == request.batchID && event.total == 60)
            try await planner.store.didEmit(event, of: number)
            #expect(try await planner.store.unemittedExpansions(limit: 10).isEmpty)
            #expect(try await planner.allJobs().count == 60)
        }
    }

    @Test func `A change that was not confirmed is emitted again`() async throws {
        try await PlannerFixture.run { planner in
            _ = try await planner.expand(Self.link, Self.catalogue(60))
            let emitted = LockedEvents()
            let logger = planner.context(nil).logger
            let failing = ExpansionEmitter(store: planner.store, logger: logger, wake: .init()) { event in
                emitted.append(event)
                throw SimulatedCrash()
            }
            await #expect(throws: SimulatedCrash.self) { try await failing.emitAll() }
            let working = ExpansionEmitter(store: planner.store, logger: logger, wake: .init()) { emitted.append($0) }
            try await working.emitAll()
            try await working.emitAll()
            #expect(emitted.events.count == 2 && emitted.events[0].step == emitted.events[1].step)
        }
    }
}
