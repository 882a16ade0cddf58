import Contracts
import Foundation
import Synchronization
import TestSupport

@testable import JobLedger

/// A ledger on a database file of its own, with a clock that the test advances.
struct LedgerFixture: Sendable {
    let folder: TemporaryFolder
    let clock: TestClock
    let store: JobStore

    /// Runs a test with a new database, which is deleted afterwards.
    static func run(_ test: (LedgerFixture) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let clock = TestClock()
            let store = try JobStore.open(.file(folder.path("state/idempotency.db"))) { clock.now }
            try await test(LedgerFixture(folder: folder, clock: clock, store: store))
            try store.close()
        }
    }

    /// Opens the same file as another process would.
    func secondStore() throws -> JobStore {
        try JobStore.open(.file(folder.path("state/idempotency.db"))) { [clock] in clock.now }
    }

    func submit(_ json: String, replay: ReplayKey? = nil) async throws -> SubmissionResponse {
        try await store.submit(json, replay: replay).response
    }

    /// Applies events of jobs.
    func apply(_ events: JobEvent...) async throws { _ = try await store.apply(events.map(LedgerEvent.job)) }

    /// The job as the API shows it.
    func job(_ id: JobID) async throws -> JobDetail {
        guard let job = try await store.job(id) else { throw NotThere() }
        return job
    }

    /// Submits one track.
    func submit(title: String) async throws -> SubmissionResponse.Item {
        let response = try await submit(#"{"items":[{"artist":"Nina Simone","title":"\#(title)"}]}"#)
        guard let item = response.items.first else { throw NotThere() }
        return item
    }
}

struct NotThere: Error {}

extension JobStore {
    /// Applies events.
    /// - Returns: How many were new.
    func apply(_ events: [LedgerEvent]) async throws -> Int { try await project(events).new }

    /// Admits a submission.
    func submit(_ json: String, replay: ReplayKey? = nil) async throws -> AdmissionReceipt {
        let submission = try ContractCoding.decode(Submission.self, from: Data(json.utf8))
        let admission = try Admission(submission, limits: AdmissionLimits(), at: clock())
        return try await admit(admission, limits: AdmissionLimits(), replay: replay, worker: "test")
    }
}

/// A clock that stands still until a test advances it.
final class TestClock: Sendable {
    // Whole milliseconds, as the database stores them.
    private let time = Mutex(Timestamp(Date(timeIntervalSince1970: 1_800_000_000)))

    var now: Timestamp { time.withLock { $0 } }

    func advance(by span: Duration) { time.withLock { $0 = $0 + span } }
}

extension JobEvent {
    /// An event of a job.
    static func test(
        _ name: Name, _ stage: Stage, _ state: JobState, hop: Int, requeues: Int = 0, job: JobID, key: String,
        at: Timestamp = Timestamp(Date(timeIntervalSince1970: 1_800_000_100))
    ) -> JobEvent {
        let document = JobDocument(
            jobID: job, dedupeKey: key, track: Track(artist: "Nina Simone", title: "Sinnerman"))
        var event = JobEvent(
            name, of: document, at: stage, state: state, hop: hop, requeues: requeues, attempt: 1, worker: "test")
        event.at = at
        return event
    }
}
