import Catalogues
import Contracts
import Foundation
import GRDB
import Logging
import Synchronization
import TestSupport

@testable import JobLedger
@testable import PlannerService

/// The inside of a planner on a database file of its own, a gateway's ledger behind it, and a clock that tests set.
struct PlannerFixture: Sendable {
    let folder: TemporaryFolder
    let clock: TestClock
    let store: PlannerStore
    let ledger: JobStore
    let intake: LedgerIntake
    var limits = PlannerLimits()

    /// Runs a test with new databases, which are removed afterwards.
    static func run(
        limits: PlannerLimits = PlannerLimits(), _ test: (PlannerFixture) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let fixture = try PlannerFixture(folder, limits)
            try await test(fixture)
            try fixture.store.close()
            try fixture.ledger.close()
        }
    }

    private init(_ folder: TemporaryFolder, _ limits: PlannerLimits) throws {
        let clock = TestClock()
        self.folder = folder
        self.clock = clock
        self.limits = limits
        store = try PlannerStore.open(folder.path("planner.db")) { clock.now }
        ledger = try JobStore.open(.file(folder.path("idempotency.db"))) { clock.now }
        intake = LedgerIntake(ledger: ledger)
    }

    init(_ other: PlannerFixture, _ ledger: JobStore) {
        folder = other.folder
        clock = other.clock
        limits = other.limits
        store = other.store
        self.ledger = ledger
        intake = LedgerIntake(ledger: ledger)
    }

    /// Opens the database once more, as another process does.
    func secondStore() throws -> PlannerStore {
        try PlannerStore.open(folder.path("planner.db")) { [clock] in clock.now }
    }

    func context(
        _ catalogue: ShelfCatalogue?, on store: PlannerStore? = nil, worker: String = "test",
        checkpoint: @escaping @Sendable (TaskContext.Checkpoint) throws -> Void = { _ in }
    ) -> TaskContext {
        TaskContext(
            store: store ?? self.store, catalogues: PlannerCatalogues(spotify: catalogue, musicBrainz: nil),
            submissions: intake, limits: limits, worker: worker,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, checkpoint: checkpoint)
    }

    /// Every job of the ledger, in the order in which they were admitted.
    func allJobs() async throws -> [JobDocument] {
        let bodies = try await ledger.writer.read { db in
            try Data.fetchAll(db, sql: "SELECT document FROM jobs ORDER BY number")
        }
        return try bodies.map { try ContractCoding.decode(JobDocument.self, from: $0) }
    }
}

/// Admits submissions to a real ledger, as the gateway does.
struct LedgerIntake: SubmissionClient {
    let ledger: JobStore
    /// The keys and bodies of all submissions so far.
    let received = Received()

    final class Received: Sendable {
        let submissions = Mutex<[(key: String, body: Data)]>([])
        /// Returned instead of admitting, each once.
        let results = Mutex<[SubmissionResult]>([])
    }

    func submit(_ body: Data, key: String, traceparent: String?) async throws -> SubmissionResult {
        received.submissions.withLock { $0.append((key, body)) }
        if let result = received.results.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return result }
        let replay = ReplayKey(
            key, scope: "amqp", bodyHash: "\(body.count) \(body.hashValue)", origin: .publisher,
            lifetime: .seconds(86_400 * 30))
        let submission = try ContractCoding.decode(Submission.self, from: body)
        let admission = try Admission(
            submission, limits: AdmissionLimits(), at: ledger.clock(), traceparent: traceparent, trustsMetadata: true)
        do {
            let receipt = try await ledger.admit(
                admission, limits: AdmissionLimits(), replay: replay, worker: "gateway")
            return .accepted(receipt.response)
        } catch is IdempotencyConflict {
            return .refused(TaskProblem(code: "CONFLICT", message: "another body"))
        }
    }
}

struct NotThere: Error {}

/// Thrown by checkpoints to simulate a crash.
struct SimulatedCrash: Error {}

/// A clock that stands still until it is set.
final class TestClock: Sendable {
    // Whole milliseconds, as the database stores them.
    private let time = Mutex(Timestamp(Date(timeIntervalSince1970: 1_800_000_000)))

    var now: Timestamp { time.withLock { $0 } }

    func advance(by span: Duration) { time.withLock { $0 = $0 + span } }
}

extension LeasedTask {
    /// Runs steps as long as some are due.
    func drain() async throws { while try await advance() {} }
}
