import AudioFiles
import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// A fake slskd whose peers share a collection, and the services that use it.
struct SlskdFixtureRun: Sendable {
    var count: Int
    /// The number of tracks, from the first on, that only peers with mislabelled files share.
    var unlucky = 0
    var settings: [String: String] = [:]
    /// Changes the settings of the fake.
    var adjust: @Sendable (inout FakeSettings) -> Void = { _ in }

    func environment(_ fake: FakeSlskd) -> [String: String] {
        let own = [
            "HDM_SOURCES": "slskd", "SLSKD_BASE_URL": fake.baseURL, "SLSKD_API_KEY": fake.settings.apiKey,
            "SLSKD_DOWNLOADS_DIR": fake.settings.downloads.path, "SLSKD_SEARCH_TIMEOUT_MS": "1000",
            "HDM_TRANSFER_STALL_S": "1", "HDM_TRANSFER_START_S": "2", "HDM_TRANSFER_QUEUE_S": "2",
            "HDM_TRANSFER_QUEUE_ALONE_S": "20", "HDM_TRANSFERS_PER_PEER": "20", "HDM_CONCURRENCY_DOWNLOAD": "60",
            "HDM_CONCURRENCY_MATCH": "16", "PROVIDER_SLSKD_BUDGET": "0", "PROVIDER_SLSKD_GAP_MS": "0",
            "HDM_MATCH_ACCEPT": "0.6", "HDM_MATCH_REVIEW": "0.3", "HDM_MATCH_MARGIN": "0",
            "HDM_QUALITY_MIN_KBPS": "0", "HDM_DISK_FLOOR_MB": "1",
        ]
        return own.merging(settings) { _, new in new }
    }

    /// - Parameters:
    ///   - peers: Returns the peers that share the files.
    ///   - services: The services to start.
    func run(
        peers: @Sendable (_ files: [SlskdSharedFile]) throws -> [SlskdPeer],
        services: [ServiceName] = ServiceName.allCases,
        _ test: @Sendable (FakeSlskd, ServiceStack, SharedCollection) async throws -> Void
    ) async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let collection = try SharedCollection(count: count, unlucky: unlucky, in: try folder.folder("shared"))
                var fakeSettings = FakeSettings(folder: folder.url)
                fakeSettings.timing = FakeTiming(speedUp: 10)
                adjust(&fakeSettings)
                let allPeers = try peers(collection.files).map { $0.without(collection.files.prefix(unlucky)) }
                try await FakeSlskd.running(fakeSettings, peers: allPeers) { fake in
                    try await ServiceStack.run(brokerURL: vhost.url, settings: environment(fake)) { stack in
                        try await stack.start(services)
                        try await stack.waitUntilReady(services)
                        try await test(fake, stack, collection)
                    }
                }
            }
        }
    }
}

extension FakeSlskd {
    /// The transferred bytes by the id of the transfer.
    var bytes: [String: Int64] { Dictionary(uniqueKeysWithValues: transfers.map { ($0.id, $0.bytesTransferred) }) }
}
