import Contracts
import Files
import Foundation
import Logging
import Synchronization
import TestSupport

@testable import Gateway
@testable import JobLedger
@testable import ServiceKit

/// The parts of a gateway on a database file of its own, with a clock that the test advances.
struct GatewayFixture: Sendable {
    let folder: TemporaryFolder
    let clock: TestClock
    let store: JobStore
    let intake: Intake
    let wake = WakeSignal()
    var limits = AdmissionLimits()

    /// Runs a test with a new database, which is removed afterwards.
    static func run(
        limits: AdmissionLimits = AdmissionLimits(), _ test: (GatewayFixture) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let fixture = try GatewayFixture(folder, limits)
            try await test(fixture)
            try fixture.store.close()
        }
    }

    private init(_ folder: TemporaryFolder, _ limits: AdmissionLimits) throws {
        let clock = TestClock()
        self.folder = folder
        self.clock = clock
        self.limits = limits
        store = try JobStore.open(.file(folder.path("state/idempotency.db"))) { clock.now }
        intake = Intake(store, limits: limits, outbox: wake, worker: "test")
    }

    var commands: ReviewCommands {
        ReviewCommands(
            store: store, claims: claims, outbox: wake, worker: "test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    var jobCommands: JobCommands {
        JobCommands(
            store: store, cancelled: cancelled, claims: claims, outbox: wake, worker: "test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    var cancelled: CancelledJobs { CancelledJobs(StagingArea(downloads: folder.url)) }
    var claims: GenerationClaims { GenerationClaims(StagingArea(downloads: folder.url)) }
    var pauses: PauseMarkers { PauseMarkers(downloads: folder.url) }

    /// Another process on the same file.
    func secondStore() throws -> JobStore {
        try JobStore.open(.file(folder.path("state/idempotency.db"))) { [clock] in clock.now }
    }

    func submit(_ json: String, replay: ReplayKey? = nil) async throws -> SubmissionResponse {
        try await intake.submit(Data(json.utf8), replay: replay).response
    }

    /// Submits one track.
    func submit(title: String, force: Bool = false) async throws -> SubmissionResponse.Item {
        let response = try await submit(
            #"{"items":[{"artist":"Nina Simone","title":"\#(title)","force":\#(force)}]}"#)
        guard let item = response.items.first else { throw NotThere() }
        return item
    }

    /// The job as the API shows it.
    func job(_ id: JobID) async throws -> JobDetail {
        guard let job = try await store.job(id) else { throw NotThere() }
        return job
    }

    /// Applies events of jobs.
    func apply(_ events: JobEvent...) async throws { _ = try await store.apply(events) }
}

struct NotThere: Error {}

/// A clock that stands still until a test advances it.
final class TestClock: Sendable {
    // Whole milliseconds, as the database stores them.
    private let time = Mutex(Timestamp(Date(timeIntervalSince1970: 1_800_000_000)))

    var now: Timestamp { time.withLock { $0 } }

    func advance(by span: Duration) { time.withLock { $0 = $0 + span } }
}

extension JobStore {
    /// Applies events of jobs.
    func apply(_ events: [JobEvent]) async throws -> Int { try await apply(events.map(LedgerEvent.job)) }

    /// Applies events.
    /// - Returns: How many were new.
    func apply(_ events: [LedgerEvent]) async throws -> Int { try await project(events).new }

    /// Applies a decision without a claim on the volume.
    func decide(
        _ decision: ReviewDecision, on id: JobID, by client: String, worker: String
    ) async throws -> DecisionResponse {
        try await decide(decision, on: id, by: client, worker: worker) { $0.generation + 1 }
    }
}

extension ReplayKey {
    /// Creates a key with the default lifetime.
    init(_ key: String, scope: String, body: Data, origin: Origin, lifetime: Duration = .seconds(86_400)) {
        var hash = ContentHash()
        hash.update(body)
        self.init(key, scope: scope, bodyHash: hash.hexadecimal, origin: origin, lifetime: lifetime)
    }
}

extension JobEvent {
    /// An event of a job that was submitted with this key.
    static func test(
        _ name: Name, _ stage: Stage, _ state: JobState, hop: Int, requeues: Int = 0, job: JobID,
        key: String = "nina simone|sinnerman|",
        at: Timestamp = Timestamp(Date(timeIntervalSince1970: 1_800_000_100)), path: String? = nil
    ) -> JobEvent {
        let document = JobDocument(
            jobID: job, dedupeKey: key, track: Track(artist: "Nina Simone", title: "Sinnerman"))
        var event = JobEvent(
            name, of: document, at: stage, state: state, hop: hop, requeues: requeues, attempt: 1, worker: "test")
        event.at = at
        if let path { event.data = ["path": .string(path)] }
        return event
    }
}

/// The key of the services in tests.
func testServiceKey() throws -> ServiceKey { try ServiceKey("a-key-for-tests-0123456789", from: "HDM_SERVICE_KEY") }
