import AudioFiles
import Contracts
import Foundation
import TestSupport
import Testing

/// The whole system over a world of peers of which many misbehave.
@Suite(.enabled(if: TestBroker.isExpected, "\(TestBroker.howToGetOne)"))
struct SlskdPipelineTests {
    static func settings(_ standIn: SlskdStandIn) -> [String: String] {
        [
            "HDM_SOURCES": "slskd", "SLSKD_BASE_URL": standIn.baseURL, "SLSKD_API_KEY": standIn.settings.apiKey,
            "SLSKD_DOWNLOADS_DIR": standIn.settings.downloads.path, "SLSKD_SEARCH_TIMEOUT_MS": "1000",
            "HDM_TRANSFER_STALL_S": "2", "HDM_TRANSFER_START_S": "4", "HDM_TRANSFER_QUEUE_S": "4",
            "HDM_TRANSFER_QUEUE_ALONE_S": "20", "HDM_TRANSFERS_PER_PEER": "20", "HDM_CONCURRENCY_DOWNLOAD": "40",
            "HDM_CONCURRENCY_MATCH": "8", "PROVIDER_SLSKD_BUDGET": "0", "PROVIDER_SLSKD_GAP_MS": "0",
            "HDM_MATCH_ACCEPT": "0.6", "HDM_MATCH_REVIEW": "0.3", "HDM_MATCH_MARGIN": "0",
            "HDM_QUALITY_MIN_KBPS": "0", "HDM_DISK_FLOOR_MB": "1",
        ]
    }

    /// Runs a stand-in that shares a collection, and the services before it.
    private func run(
        _ count: Int, misbehaving: Bool, speed: Int64? = nil,
        _ test: @Sendable (SlskdStandIn, ServiceStack, SharedCollection) async throws -> Void
    ) async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let shared = try folder.folder("shared")
                let collection = try SharedCollection(count: count, in: shared)
                var settings = StandInSettings(folder: folder.url)
                settings.timing = StandInTiming(speedUp: 10)
                let files = collection.files
                var peers = SlskdPeer.crowd(sharing: files, misbehaving: misbehaving)
                if let speed {
                    peers = peers.map { peer in
                        var peer = peer
                        (peer.speed, peer.uploadSlots) = (speed, 100)
                        return peer
                    }
                }
                try await SlskdStandIn.running(settings, peers: peers) { standIn in
                    try await ServiceStack.run(brokerURL: vhost.url, settings: Self.settings(standIn)) { stack in
                        try await stack.start()
                        try await stack.waitUntilReady()
                        try await test(standIn, stack, collection)
                    }
                }
            }
        }
    }

    @Test func `twenty jobs over peers of which most misbehave end as right files or honest dead letters`()
        async throws
    {
        try await run(20, misbehaving: true) { standIn, stack, collection in
            let answer = try await stack.submit(collection.submission)
            let states = try await stack.waitForEnd(of: answer, timeout: .seconds(240))
            #expect(states.allSatisfy { ["completed", "dead_letter"].contains($0) }, "\(states)")
            #expect(states.count { $0 == "completed" } >= 6, "\(states)")
            // The one peer whose damage nobody sees before the file is here.
            let codes = try stack.logLines(of: .recoveryDeadLettered).compactMap { $0["code"]?.stringValue }
            #expect(codes.allSatisfy { ["verification_failed", "unsupported_format"].contains($0) }, "\(codes)")
            #expect(try stack.logLines(of: .downloadCandidateFailed).count >= 5)
            let library = Library(root: stack.music)
            #expect(library.paths.count == states.count { $0 == "completed" })
            for path in library.paths { #expect(try library.file(path).properties.durationMS > 0) }
            #expect(standIn.openSearches.isEmpty)
            #expect(standIn.transfers.allSatisfy { $0.state.isCompleted })
            #expect(standIn.log.most(.listTransfers, within: .milliseconds(900)) <= 1)
        }
    }

    @Test func `the transfers of a download service that was killed go on, and none is ordered twice`() async throws {
        // Each takes some eleven seconds.
        try await run(12, misbehaving: false, speed: 1500) { standIn, stack, collection in
            let answer = try await stack.submit(collection.submission)
            try await eventually("the transfers run") {
                standIn.transfers.count { $0.bytesTransferred > 0 && !$0.state.isCompleted } >= 8
            }
            await stack.kill(.download)
            try await stack.start()
            let states = try await stack.waitForEnd(of: answer, timeout: .seconds(120))
            #expect(states == Array(repeating: "completed", count: 12))
            #expect(standIn.enqueuedTwice.isEmpty, "\(standIn.enqueuedTwice)")
            #expect(standIn.transfers.count == 12)
            #expect(Library(root: stack.music).paths.count == 12)
        }
    }

    @Test func `jobs outlast slskd's absence, and spend no attempt on it`() async throws {
        try await run(6, misbehaving: false, speed: 1500) { standIn, stack, collection in
            let answer = try await stack.submit(collection.submission)
            try await eventually("the transfers run") {
                standIn.transfers.count { $0.bytesTransferred > 0 && !$0.state.isCompleted } >= 3
            }
            standIn.inject(.answers(status: 500))
            try await eventually("the download service is not ready") {
                try await stack.status(of: "/ready", at: .download) == 503
            }
            standIn.clearFaults()
            let states = try await stack.waitForEnd(of: answer, timeout: .seconds(180))
            #expect(states == Array(repeating: "completed", count: 6))
            #expect(standIn.enqueuedTwice.isEmpty, "\(standIn.enqueuedTwice)")
            #expect(try stack.logLines(of: .retryScheduled).allSatisfy { $0["stage"] != "download" })
        }
    }
}

/// Tracks whose files people share under telling names.
struct SharedCollection: Sendable {
    let files: [SlskdSharedFile]
    let tracks: [Track]

    init(count: Int, in folder: URL) throws {
        tracks = try (0..<count).map { index in
            var track = Track(artist: "The Paper Orchard", title: "Harbour \(Self.words[index % 10]) Number \(index)")
            track.album = "Tide \(Self.words[index / 10 % 10])"
            track.durationMS = AudioFixture.flac.durationMS
            track.trackNumber = index % 10 + 1
            var tags = AudioTags()
            (tags.artist, tags.title, tags.album) = (track.artist, track.title, track.album)
            let name = "\(track.artist)/\(track.album ?? "")/\(index % 10 + 1) - \(track.title)"
            try Self.pad(try AudioFixture.flac.copy(to: folder, named: name, tags: tags))
            return track
        }
        files = try SlskdSharedFile.tree(folder)
    }

    var submission: Submission { Submission(items: tracks.map { SubmissionItem(track: $0) }) }

    /// Makes a file as large as music of its length is: a block of padding behind the first one, which has 38 bytes.
    private static func pad(_ file: URL) throws {
        var data = try Data(contentsOf: file)
        let size = 150_000
        let header: [UInt8] = [1, UInt8(size >> 16 & 0xFF), UInt8(size >> 8 & 0xFF), UInt8(size & 0xFF)]
        data.insert(contentsOf: header + Array(repeating: 0, count: size), at: 42)
        try data.write(to: file)
    }

    private static let words = [
        "Amber", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Harbour", "Island", "Jade",
    ]
}
