import Foundation
import Synchronization

/// A fake of slskd: an HTTP server in this process with real folders and invented peers.
///
/// Call ``start()`` before and ``stop()`` after use, or ``running(_:peers:_:)`` for both. Routes, statuses, states and
/// folders are those of slskd, and transfers copy real bytes. ``log`` contains the requests of clients.
public final class FakeSlskd: FakeService {
    public let settings: FakeSettings
    let disk: SlskdDisk
    let fixture: Mutex<SlskdFixture>
    let server = FakeServer()
    let searchSlots = SlskdQueue(slots: 2)
    let downloadSlots: SlskdQueue
    private let uploadQueues = Mutex<[String: SlskdQueue]>([:])

    public init(_ settings: FakeSettings, peers: [SlskdPeer] = []) {
        self.settings = settings
        disk = SlskdDisk(downloads: settings.downloads, incomplete: settings.incomplete)
        downloadSlots = SlskdQueue(slots: settings.downloadSlots)
        fixture = Mutex(SlskdFixture(peers: peers))
    }

    /// Runs a fake during `body` and stops it afterwards, also after an error.
    public static func running<Result: Sendable>(
        _ settings: FakeSettings, peers: [SlskdPeer] = [], _ body: (FakeSlskd) async throws -> Result
    ) async throws -> Result {
        try await FakeSlskd(settings, peers: peers).run(body)
    }

    var version: FakeVersion { settings.version }
    var timing: FakeTiming { settings.timing }

    /// Waits for a duration of simulated time.
    /// - Throws: `CancellationError`.
    func pause(_ duration: Duration) async throws { try await Task.sleep(for: timing.scaled(duration)) }

    /// Returns the queue for the upload slots of a peer.
    func uploadQueue(of peer: SlskdPeer) -> SlskdQueue {
        uploadQueues.withLock { queues in
            if let queue = queues[peer.name] { return queue }
            let queue = SlskdQueue(slots: peer.uploadSlots)
            queues[peer.name] = queue
            return queue
        }
    }

    /// The highest number of files that a peer sent at the same time.
    public func highestConcurrentUploads(of peer: String) -> Int {
        uploadQueues.withLock { $0[peer]?.highestConcurrency ?? 0 }
    }

    /// The highest number of downloads at the same time, queued remotely or running.
    public var highestConcurrentDownloads: Int { downloadSlots.highestConcurrency }
}
