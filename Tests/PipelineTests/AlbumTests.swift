import AudioFiles
import Contracts
import Fakes
import Foundation
import TestSupport
import Testing

/// The tracks of an album are searched for together and come from one folder.
@Suite(.serialized, .enabled(if: TestBroker.isExpected, "\(TestBroker.setupHint)"))
struct AlbumTests {
    @Test func `twelve albums come whole from few peers, in the wanted edition and with few searches`() async throws {
        try await run(albums: 12) { fake, stack, collection in
            let response = try await stack.submit(collection.submission)
            let states = try await stack.waitForEnd(of: response, timeout: .seconds(300))
            #expect(states.allSatisfy { $0 == "completed" }, "\(states)")
            let origins = try Library(root: stack.music).paths.map {
                try AlbumCollection.origin(of: stack.music.appending(path: $0))
            }
            #expect(origins.map(\.index).sorted() == Array(collection.tracks.indices))
            #expect(origins.filter { $0.edition != .wanted }.isEmpty, "\(origins)")
            try expectOneRelease(Library(root: stack.music), collection)
            let peers = try await peers(of: response, stack)
            let counts = (0..<collection.albums).map { album in
                Set(peers[(album * AlbumCollection.size)..<((album + 1) * AlbumCollection.size)]).count
            }
            let searches = fake.log.requests(to: .startSearch).count
            print("albums: \(searches) searches and \(counts.reduce(0, +)) peers for \(counts.count) albums: \(counts)")
            #expect(searches <= collection.albums * 2)
            #expect(counts.reduce(0, +) * 2 <= collection.albums * 3, "\(counts)")
        }
    }

    /// Expects that the files of an album agree in what describes the album.
    private func expectOneRelease(_ library: Library, _ collection: AlbumCollection) throws {
        let files = try library.paths.map { try library.file($0).tags }
        for tags in Dictionary(grouping: files, by: { $0.album ?? "" }).values {
            #expect(tags.count == AlbumCollection.size)
            #expect(Set(tags.map(\.albumArtist)).count == 1)
            #expect(Set(tags.map(\.date)).count == 1)
            #expect(Set(tags.map(\.trackTotal)) == [AlbumCollection.size])
            #expect(tags.compactMap(\.trackNumber).sorted() == Array(1...AlbumCollection.size))
        }
    }

    /// Returns the peers that the jobs' files come from, in the order of the jobs.
    private func peers(of response: SubmissionResponse, _ stack: ServiceStack) async throws -> [String] {
        var peers: [String] = []
        for item in response.items {
            let job = try await stack.job(item.jobID)
            peers.append(try #require(job["sections"]?["download"]?["user"]?.stringValue))
        }
        return peers
    }

    private func run(
        albums: Int, _ test: @Sendable (FakeSlskd, ServiceStack, AlbumCollection) async throws -> Void
    ) async throws {
        try await withVhost { vhost in
            try await withTemporaryFolder { folder in
                let collection = try AlbumCollection(albums: albums, in: try folder.folder("shared"))
                var settings = FakeSettings(folder: folder.url)
                settings.timing = FakeTiming(speedUp: 10)
                try await FakeSlskd.running(settings, peers: try Self.peers(sharing: collection)) { fake in
                    let run = SlskdFixtureRun(
                        count: 0,
                        settings: ["HDM_MATCH_ACCEPT": "", "HDM_MATCH_REVIEW": "", "HDM_MATCH_MARGIN": ""])
                    try await ServiceStack.run(brokerURL: vhost.url, settings: run.environment(fake)) { stack in
                        try await stack.start()
                        try await stack.waitUntilReady()
                        try await test(fake, stack, collection)
                    }
                }
            }
        }
    }

    /// Three peers have four whole albums each. Faster ones have other editions, parts of the wanted one, or misbehave.
    private static func peers(sharing collection: AlbumCollection) throws -> [SlskdPeer] {
        func files(
            _ edition: AlbumCollection.Edition, tracks: Int = AlbumCollection.size, where isShared: (Int) -> Bool
        ) throws -> [SlskdSharedFile] {
            try (0..<collection.albums).filter(isShared).flatMap {
                try collection.files(edition, of: $0, tracks: tracks)
            }
        }
        var peers = try (0..<3).map { home in
            SlskdPeer("home \(home)", files: try files(.wanted) { $0 % 3 == home })
        }
        let all = try files(.wanted) { _ in true }
        for index in peers.indices { (peers[index].speed, peers[index].uploadSlots) = (600_000, 20) }
        let others = [
            SlskdPeer("deluxe", files: try files(.deluxe) { _ in true }),
            SlskdPeer("japanese", files: try files(.japanese) { $0 % 2 == 0 }),
            SlskdPeer("live", files: try files(.live) { _ in true }),
            SlskdPeer("best of", files: try files(.compilation) { $0 % 2 == 1 }),
            SlskdPeer("parts", files: try files(.wanted, tracks: 5) { _ in true }),
            SlskdPeer("gone fishing", files: all, behaviour: .offline),
            SlskdPeer("long queue", files: all, behaviour: .neverStarts(place: 731)),
            SlskdPeer("slow line", files: all, behaviour: .stalls(afterBytes: 4096)),
            SlskdPeer("banned", files: all, behaviour: .rejects("Banned")),
            SlskdPeer("scratched", files: all, behaviour: .corrupts),
            SlskdPeer("left early", files: all, behaviour: .disappears(afterBytes: 4096)),
        ]
        return peers
            + others.map { peer in
                var peer = peer
                (peer.speed, peer.uploadSlots) = (5_000_000, 20)
                return peer
            }
    }
}
