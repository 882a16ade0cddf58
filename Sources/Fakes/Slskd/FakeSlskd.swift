import Foundation
import Synchronization

/// An slskd in this process: a real HTTP server, real folders, and a world of invented peers behind it.
///
/// Call ``start()`` before and ``stop()`` after use, or let ``running(_:peers:_:)`` do both. Routes, statuses, states,
/// their order, and where files lie are slskd's; bytes really flow. What clients asked is in ``log``.
public final class FakeSlskd: FakeService {
    public let settings: FakeSettings
    let disk: SlskdDisk
    let fixture: Mutex<SlskdFixture>
    let server = FakeServer()
    let searchSlots = SlskdLine(2)
    let downloadSlots: SlskdLine
    private let peerLines = Mutex<[String: SlskdLine]>([:])

    public init(_ settings: FakeSettings, peers: [SlskdPeer] = []) {
        self.settings = settings
        disk = SlskdDisk(downloads: settings.downloads, incomplete: settings.incomplete)
        downloadSlots = SlskdLine(settings.downloadSlots)
        fixture = Mutex(SlskdFixture(peers: peers))
    }

    /// Runs a stand-in while `body` works with it, and stops it in any case.
    public static func running<Result: Sendable>(
        _ settings: FakeSettings, peers: [SlskdPeer] = [], _ body: (FakeSlskd) async throws -> Result
    ) async throws -> Result {
        try await FakeSlskd(settings, peers: peers).run(body)
    }

    var version: FakeVersion { settings.version }
    var timing: FakeTiming { settings.timing }

    /// Lets time of the simulated world pass.
    /// - Throws: `CancellationError`.
    func pause(_ duration: Duration) async throws { try await Task.sleep(for: timing.scaled(duration)) }

    /// Where a peer's transfers wait for one of its upload slots.
    func line(of peer: SlskdPeer) -> SlskdLine {
        peerLines.withLock { lines in
            if let line = lines[peer.name] { return line }
            let line = SlskdLine(peer.uploadSlots)
            lines[peer.name] = line
            return line
        }
    }

    /// The highest number of files that a peer sent at once.
    public func mostUploadsAtOnce(of peer: String) -> Int { peerLines.withLock { $0[peer]?.most ?? 0 } }

    /// The highest number of downloads that slskd worked on at once, queued remotely or running.
    public var mostDownloadsAtOnce: Int { downloadSlots.most }
}
