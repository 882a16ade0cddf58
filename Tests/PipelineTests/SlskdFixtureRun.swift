import AudioFiles
import Contracts
import Foundation
import Fakes
import TestSupport
import Testing

/// A stand-in whose peers share a collection, and the services before it.
struct SlskdFixtureRun: Sendable {
    var count: Int
    /// The first so many tracks are shared only by peers whose files are false.
    var unlucky = 0
    var settings: [String: String] = [:]
    /// Of the stand-in.
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
    ///   - peers: who shares the files.
    ///   - services: those that are started.
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
                let people = try peers(collection.files).map { $0.withoutHonest(collection.files.prefix(unlucky)) }
                try await FakeSlskd.running(fakeSettings, peers: people) { fake in
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

/// Tracks whose files people share under telling names; no two files have the same content.
struct SharedCollection: Sendable {
    /// In the order of the tracks.
    let files: [SlskdSharedFile]
    let tracks: [Track]

    /// - Parameter unlucky: so many, at the beginning, have names that are like no other.
    init(count: Int, unlucky: Int = 0, in folder: URL) throws {
        var files: [SlskdSharedFile] = []
        tracks = try (0..<count).map { index in
            var track = Track(artist: "The Paper Orchard", title: "Harbour \(Self.words[index % 10]) Number \(index)")
            if index < unlucky { track = Track(artist: "Greta Hollow", title: Self.otherTitles[index % 4]) }
            track.album = "Tide \(Self.words[index / 10 % 10])"
            track.durationMS = AudioFixture.flac.durationMS
            track.trackNumber = index % 10 + 1
            var tags = AudioTags()
            (tags.artist, tags.title, tags.album) = (track.artist, track.title, track.album)
            let name = "\(track.artist)/\(track.album ?? "")/\(index % 10 + 1) - \(track.title)"
            let file = try AudioFixture.copyWithRealisticSize(to: folder, named: name, tags: tags)
            try Self.mark(file, index)
            let path = #"@@music\Music\"# + name.replacing("/", with: "\\") + ".flac"
            files.append(try .audio(file, as: path))
            return track
        }
        self.files = files
    }

    var submission: Submission { Submission(items: tracks.map { SubmissionItem(track: $0) }) }

    /// Expects that the library holds every track but the first so many, once, and with the content that was wanted.
    func expectContents(of library: Library, without first: Int = 0) throws {
        let paths = library.paths
        #expect(paths.count == tracks.count - first)
        var seen: Set<Int> = []
        for path in paths {
            let title = try library.file(path).tags.title
            let index = try #require(tracks.firstIndex { $0.title == title }, "\(path)")
            #expect(try Self.markOf(library.root.appending(path: path)) == index, "\(path)")
            #expect(seen.insert(index).inserted, "\(path)")
        }
    }

    /// Tells a file from the others by the place that is for the audio's own sum, which nothing but a copy keeps.
    private static func mark(_ file: URL, _ index: Int) throws {
        var data = try Data(contentsOf: file)
        data.replaceSubrange(sum, with: Array(repeating: 0xA5, count: 14) + [UInt8(index >> 8), UInt8(index & 0xFF)])
        try data.write(to: file)
    }

    private static func markOf(_ file: URL) throws -> Int {
        let bytes = Array(try Data(contentsOf: file)[sum])
        return Int(bytes[14]) << 8 | Int(bytes[15])
    }

    private static let sum = 26..<42

    private static let otherTitles = ["Quarry Hymn", "Thistle Road", "Monsoon Letter", "Velvet Anchor"]

    private static let words = [
        "Amber", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Harbour", "Island", "Jade",
    ]
}

extension SlskdPeer {
    /// Seven people who keep their promises, and eight with better ones who do not.
    static func mixedCrowd(_ files: [SlskdSharedFile]) throws -> [SlskdPeer] {
        let honest = (1...7).map { number in
            var peer = SlskdPeer("honest \(number)", files: files)
            (peer.speed, peer.uploadSlots) = (Int64(number) * 200_000, 10)
            return peer
        }
        let noise = try (0..<2).map { try files.sendingOther($0) }
        let others = [
            SlskdPeer("gone_fishing", files: files, behaviour: .offline),
            SlskdPeer("long_queue", files: files, behaviour: .neverStarts(place: 731)),
            SlskdPeer("slow_line", files: files, behaviour: .stalls(afterBytes: 4096)),
            SlskdPeer("banned/you", files: files, behaviour: .rejects("Banned")),
            SlskdPeer("scratched", files: files, behaviour: .corrupts),
            SlskdPeer("left_early", files: files, behaviour: .disappears(afterBytes: 4096)),
            SlskdPeer("something else", files: noise[0] + noise[1]),
            SlskdPeer("hostile", files: files.underHostilePaths()),
        ]
        return honest
            + others.map { peer in
                var peer = peer
                (peer.speed, peer.uploadSlots) = (5_000_000, 20)
                return peer
            }
    }

    /// The same peer without these files, unless what it sends is false.
    fileprivate func withoutHonest(_ unlucky: ArraySlice<SlskdSharedFile>) -> SlskdPeer {
        var peer = self
        let isMislabelled = behaviour == .corrupts
        let names = Set(unlucky.map(\.name))
        peer.files.removeAll { file in !isMislabelled && file.behaviour == nil && names.contains(file.name) }
        return peer
    }
}

extension SlskdSharedFile {
    fileprivate var name: String { path.split { $0 == "\\" || $0 == "/" }.last.map(String.init) ?? path }
}

extension [SlskdSharedFile] {
    /// Every second file, sent as something else: another piece of eighteen seconds, or a page of text.
    fileprivate func sendingOther(_ rest: Int) throws -> [SlskdSharedFile] {
        let content: SlskdContent = .bytes(rest == 0 ? .otherPiece : Data(repeating: UInt8(ascii: "x"), count: 150_000))
        return try enumerated().filter { $0.offset % 2 == rest }.map { try $0.element.sending(content) }
    }

    /// Each file under one of the paths that try to leave a folder or to break a log.
    fileprivate func underHostilePaths() -> [SlskdSharedFile] {
        enumerated().map { index, file in
            let paths = file.underHostilePaths()
            return paths[index % paths.count]
        }
    }
}

extension Data {
    /// Eighteen seconds of silence as WAVE: 8000 samples of eight bits a second.
    fileprivate static var otherPiece: Data {
        func number(_ value: UInt32, _ bytes: Int) -> [UInt8] {
            (0..<bytes).map { UInt8(value >> (8 * UInt32($0)) & 0xFF) }
        }
        let count: UInt32 = 18 * 8000
        let format =
            number(16, 4) + number(1, 2) + number(1, 2) + number(8000, 4) + number(8000, 4) + number(1, 2)
            + number(8, 2)
        let head = Array("RIFF".utf8) + number(36 + count, 4) + Array("WAVEfmt ".utf8) + format + Array("data".utf8)
        return Data(head + number(count, 4)) + Data(repeating: 0x80, count: Int(count))
    }
}

extension FakeSlskd {
    /// The bytes of each transfer so far.
    var bytes: [String: Int64] { Dictionary(uniqueKeysWithValues: transfers.map { ($0.id, $0.bytesTransferred) }) }
}
