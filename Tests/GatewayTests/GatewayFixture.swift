import Contracts
import Foundation
import Logging
import ServiceKit
import Synchronization
import TestSupport

@testable import Gateway

/// A gateway's inside on a database file of its own, with a clock that tests turn.
struct GatewayFixture: Sendable {
    let folder: TemporaryFolder
    let clock: TestClock
    let store: JobStore
    let intake: Intake
    let wake = WakeSignal()
    var limits = IntakeLimits()

    /// Runs a test with a new database, which is removed afterwards.
    static func run(
        limits: IntakeLimits = IntakeLimits(), _ test: (GatewayFixture) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let fixture = try GatewayFixture(folder, limits)
            try await test(fixture)
            try fixture.store.close()
        }
    }

    private init(_ folder: TemporaryFolder, _ limits: IntakeLimits) throws {
        let clock = TestClock()
        self.folder = folder
        self.clock = clock
        self.limits = limits
        store = try JobStore.open(.file(folder.path("state/idempotency.db"))) { clock.now }
        intake = Intake(store, limits: limits, outbox: wake, worker: "test")
    }

    /// Where people decide.
    var commands: ReviewCommands {
        ReviewCommands(
            store: store, outbox: wake, worker: "test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Where people order something about a job.
    var jobCommands: JobCommands {
        JobCommands(
            store: store, cancelled: cancelled, outbox: wake, worker: "test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    var cancelled: CancelledJobs { CancelledJobs(StagingArea(downloads: folder.url)) }

    /// Another process on the same file.
    func secondStore() throws -> JobStore {
        try JobStore.open(.file(folder.path("state/idempotency.db"))) { [clock] in clock.now }
    }

    func submit(_ json: String, replay: ReplayKey? = nil) async throws -> SubmissionResponse {
        try await intake.submit(Data(json.utf8), replay: replay).answer
    }

    /// Submits one track.
    func submit(title: String, force: Bool = false) async throws -> SubmissionResponse.Item {
        let answer = try await submit(
            #"{"items":[{"artist":"Nina Simone","title":"\#(title)","force":\#(force)}]}"#)
        guard let item = answer.items.first else { throw NotThere() }
        return item
    }

    /// What the gateway shows of a job.
    func job(_ id: JobID) async throws -> JobDetail {
        guard let job = try await store.job(id) else { throw NotThere() }
        return job
    }

    /// Takes in what happened to a job.
    func tell(_ events: JobEvent...) async throws { _ = try await store.apply(events) }
}

struct NotThere: Error {}

/// A clock that stands still until it is turned.
final class TestClock: Sendable {
    // Whole milliseconds, as the database keeps them.
    private let time = Mutex(Timestamp(Date(timeIntervalSince1970: 1_800_000_000)))

    var now: Timestamp { time.withLock { $0 } }

    func advance(by span: Duration) { time.withLock { $0 = $0 + span } }
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
