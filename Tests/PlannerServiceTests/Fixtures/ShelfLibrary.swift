import Contracts
import Foundation
import Synchronization

@testable import JobLedger
@testable import PlannerService

/// A library in memory.
final class ShelfLibrary: Library {
    struct State {
        var files: [LibraryFile] = []
        var isAway = false
        var stored = 0
    }

    let state: Mutex<State>

    init(_ files: [LibraryFile]) {
        state = Mutex(State(files: files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }))
    }

    var files: [LibraryFile] { state.withLock { $0.files } }

    func files(after path: String?, limit: Int) async throws(ServiceRequestError) -> LibraryPage {
        let (files, isAway) = state.withLock { ($0.files, $0.isAway) }
        if isAway { throw ServiceRequestError(service: .move, reason: "is away") }
        let rest = files.filter { file in path.map { $0.utf8.lexicographicallyPrecedes(file.path.utf8) } ?? true }
        return LibraryPage(items: Array(rest.prefix(limit)), next: rest.count > limit ? rest[limit - 1].path : nil)
    }

    func store(_ files: [LibraryFile]) async throws(ServiceRequestError) {
        state.withLock { state in
            for file in files {
                guard let place = state.files.firstIndex(where: { $0.path == file.path }) else { continue }
                state.files[place] = file
                state.stored += 1
            }
        }
    }
}

extension LibraryFile {
    static func test(_ title: String, artist: String = "Nina Simone", album: String? = nil) -> LibraryFile {
        LibraryFile(
            path: "\(artist)/\(title).flac", sha256: title, track: Track(artist: artist, title: title, album: album))
    }
}

/// The unmatched jobs of a real ledger.
struct LedgerJobs: PlannerService.UnmatchedJobs {
    let ledger: JobStore

    func page(after number: Int64, limit: Int) async throws(ServiceRequestError) -> UnmatchedJobPage {
        do {
            let jobs = try await ledger.unmatchedJobs(after: number, limit: limit)
            return UnmatchedJobPage(items: jobs.items.map { .init(number: $0.number, job: $0.job) }, next: jobs.next)
        } catch {
            throw ServiceRequestError(service: .gateway, reason: "\(error)")
        }
    }
}

extension PlannerFixture {
    func backfiller(
        _ catalogue: ShelfCatalogue?, _ library: ShelfLibrary, on store: PlannerStore? = nil, worker: String = "test"
    ) -> BackfillTask {
        BackfillTask(
            context: context(catalogue, on: store, worker: worker), library: library,
            unmatchedJobs: LedgerJobs(ledger: ledger))
    }

    func backfill(_ id: JobID) async throws -> Backfill {
        guard let backfill = try await store.backfill(id) else { throw NotThere() }
        return backfill
    }

    /// Leases the next backfill, as a process that is about to die.
    func leaseBackfill(on store: PlannerStore? = nil, worker: String) async throws -> Backfill? {
        guard case .row(let row) = try await (store ?? self.store).lease(Backfill.self, to: worker) else { return nil }
        return row
    }

    /// Runs a backfill to its end.
    func runBackfill(
        _ terms: BackfillTerms, _ catalogue: ShelfCatalogue?, _ library: ShelfLibrary
    ) async throws -> Backfill {
        let id = try await store.beginBackfill(terms).id
        try await backfiller(catalogue, library).drain()
        return try await backfill(id)
    }
}

extension PlannerFixture {
    /// Adds a job to the ledger that ended because nothing was found.
    func addUnmatchedJob(_ title: String) async throws {
        let submission = Submission(items: [SubmissionItem(track: Track(artist: "Nina Simone", title: title))])
        let admission = try Admission(submission, limits: AdmissionLimits(), at: clock.now)
        let receipt = try await ledger.admit(admission, limits: AdmissionLimits(), worker: "test")
        guard let item = receipt.response.items.first else { throw NotThere() }
        let job = JobDocument(
            jobID: item.jobID, dedupeKey: item.dedupeKey, track: Track(artist: "Nina Simone", title: title))
        var event = JobEvent(
            .deadLettered, of: job, at: .match, state: .deadLetter, hop: 0, attempt: 1, worker: "test")
        event.code = .noMatch
        _ = try await ledger.project([.job(event)])
    }
}
