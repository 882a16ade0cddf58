import AudioSources
import Contracts
import Fakes
import Files
import Foundation
import Logging
import Synchronization
import TestSupport

@testable import AudioSources

/// A fetch source with a fake of slskd, and folders for jobs.
struct FetchFixture: Sendable {
    let fixture: FakeSlskdFixture
    let client: SlskdClient
    let source: SlskdFetchSource
    let steps = StepLog()

    var fake: FakeSlskd { fixture.fake }
    var jobs: URL { fixture.folder.appending(path: "jobs") }

    init(
        _ fixture: FakeSlskdFixture, limits adjustLimits: (inout SlskdLimits) -> Void = { _ in },
        arrivals: BlockingPool = BlockingPool(name: "arrivals", threads: 4),
        adjust: (inout TransferSettings) -> Void = { _ in }
    ) {
        self.fixture = fixture
        var limits = SlskdLimits()
        limits.timeout = .seconds(5)
        limits.retries = 0
        limits.retryBase = .milliseconds(50)
        limits.circuitPause = .milliseconds(300)
        adjustLimits(&limits)
        var settings = TransferSettings()
        settings.stall = .seconds(1)
        settings.start = .seconds(2)
        settings.queue = .seconds(1)
        settings.placing = .seconds(4)
        settings.absence = .seconds(1)
        settings.poll = .milliseconds(100)
        settings.mostPerPeer = 50
        adjust(&settings)
        client = SlskdClient(base: fixture.fake.baseURL, key: fixture.fake.settings.apiKey, limits: limits)
        source = SlskdFetchSource(
            client: client, downloads: fixture.fake.settings.downloads, settings: settings,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), arrivals: arrivals)
    }

    /// Returns the fixture of a new process with the same fake.
    func again() -> FetchFixture { FetchFixture(fixture) }

    func order(
        _ file: SlskdSharedFile, from user: String, job: JobID, alternatives: Bool = false,
        patience: Duration = .seconds(30), stay: Duration = .seconds(30)
    ) -> TransferOrder {
        let candidate = Candidate(source: "slskd", user: user, path: file.path, size: file.size, score: 1)
        var order = TransferOrder(candidate, job: job, into: jobs.appending(path: "\(job)"))
        order.hasAlternatives = alternatives
        (order.patience, order.stay) = (patience, stay)
        return order
    }

    func follow(_ order: TransferOrder) async throws -> TransferResult {
        try await source.follow(order) { steps.add($0) }
    }

    /// Fetches a file and returns its bytes.
    func fetch(_ order: TransferOrder) async throws -> Data {
        guard case .acquired(let file) = try await follow(order) else { throw NotInTime(description: "not acquired") }
        return try Data(contentsOf: file.file)
    }

    /// The number of transfers that have not ended.
    var running: Int { fake.transfers.count { !$0.state.rawValue.hasPrefix("Completed") } }

    /// The number of transfers in slskd's lists.
    var listed: Int { fake.transfers.count { !$0.removed } }
}

/// The steps of a transfer, in order.
final class StepLog: Sendable {
    private let steps = Mutex<[TransferStep]>([])

    func add(_ step: TransferStep) { steps.withLock { $0.append(step) } }
    var all: [TransferStep] { steps.withLock { $0 } }
}

/// Runs a test with a fetch source and a fake of slskd that is twenty times faster than slskd.
func withFetchFixture(
    _ peers: [SlskdPeer], version: FakeVersion = .v0_26, adjust: (inout FakeSettings) -> Void = { _ in },
    settings: (inout TransferSettings) -> Void = { _ in }, limits: (inout SlskdLimits) -> Void = { _ in },
    _ test: (FetchFixture) async throws -> Void
) async throws {
    try await withFake(peers, version: version, adjust: adjust) { fixture in
        let fetch = FetchFixture(fixture, limits: limits, adjust: settings)
        do {
            try await test(fetch)
        } catch {
            await fetch.client.close()
            throw error
        }
        await fetch.client.close()
    }
}
