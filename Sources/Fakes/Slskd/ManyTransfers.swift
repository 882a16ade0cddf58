public import Contracts
public import Foundation

/// Matched jobs for many files, and peers that send so slowly that no transfer ends during a measurement.
public struct ManyTransfers: Sendable {
    public let count: Int
    public let peers: [SlskdPeer]

    private static let filesPerPeer = 20
    /// In bytes.
    private static let size: Int64 = 1_000_000
    /// In bytes per second.
    private static let speed: Int64 = 100

    public init(_ count: Int) {
        self.count = count
        peers = stride(from: 0, to: count, by: Self.filesPerPeer).map { first in
            let files = (first..<min(first + Self.filesPerPeer, count)).map { index in
                SlskdSharedFile(
                    #"@@abcde\Music\Artist \#(first)\An Album (2003) [FLAC]\\#(index) - A Song.flac"#,
                    content: .generated(seed: UInt64(index), size: Self.size), size: Self.size)
            }
            var peer = SlskdPeer("peer \(first)", files: files)
            (peer.speed, peer.uploadSlots) = (Self.speed, Self.filesPerPeer)
            return peer
        }
    }

    /// Returns settings with a slot for each transfer, fast connections and one update a second, so that the fake uses
    /// little time compared to the measured service.
    public func fakeSettings(in folder: URL) -> FakeSettings {
        var settings = FakeSettings(folder: folder)
        settings.timing.connecting = .milliseconds(20)
        settings.timing.progress = .seconds(1)
        settings.downloadSlots = count
        return settings
    }

    /// Returns the settings of a download service that runs all transfers at the same time.
    public func serviceSettings(_ fake: FakeSlskd) -> [String: String] {
        [
            "HDM_SOURCES": "slskd", "SLSKD_BASE_URL": fake.baseURL, "SLSKD_API_KEY": fake.settings.apiKey,
            "SLSKD_DOWNLOADS_DIR": fake.settings.downloads.path, "HDM_TRANSFERS_MAX": "\(count)",
            "HDM_TRANSFERS_PER_PEER": "\(Self.filesPerPeer)", "HDM_CONCURRENCY_DOWNLOAD": "\(count)",
            "HDM_DISK_FLOOR_MB": "1", "HARMONY_LOG_LEVEL": "info",
        ]
    }

    /// One matched job for each file.
    public var jobs: [JobDocument] {
        peers.flatMap { peer in
            peer.files.map { file in
                var job = JobDocument(track: Track(artist: peer.name, title: file.path))
                let candidate = Candidate(source: "slskd", user: peer.name, path: file.path, size: file.size, score: 1)
                job.match = MatchSection(score: 1, components: [:], candidates: [candidate])
                return job
            }
        }
    }
}
