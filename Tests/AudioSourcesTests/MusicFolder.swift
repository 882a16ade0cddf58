import AudioFiles
import AudioSources
import Contracts
import Fakes
import Foundation
import Logging
import TestSupport

/// A temporary folder for one test, with music in `music` and an index.
struct MusicFolder: Sendable {
    let base: URL

    var music: URL { base.appending(path: "music") }
    var index: URL { base.appending(path: "state/folder-index.db") }
    var job: URL { base.appending(path: "job") }

    func source(_ adjust: (inout FolderSourceConfiguration) -> Void = { _ in }) throws -> FolderSource {
        var configuration = FolderSourceConfiguration(roots: [music], indexPath: index)
        configuration.recheckAge = .seconds(3600)
        configuration.recheckWait = .seconds(60)
        adjust(&configuration)
        return try FolderSource(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @discardableResult
    func add(
        _ name: String, title: String? = nil, artist: String? = nil, album: String? = nil, isrc: String? = nil,
        as fixture: AudioFixture = .vorbis
    ) throws -> URL {
        var tags = AudioTags()
        tags.title = title
        tags.artist = artist
        tags.album = album
        tags.isrc = isrc
        return try fixture.copy(to: music, named: name, tags: tags)
    }

    func write(_ content: Data, to name: String) throws -> URL {
        let file = music.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try content.write(to: file)
        return file
    }

    /// The names in the folder of the job, hidden ones included.
    var jobFiles: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: job.filePath)) ?? []).sorted()
    }
}

func withMusicFolder(_ body: (MusicFolder) async throws -> Void) async throws {
    try await AudioFixture.withFolder { base in
        let folder = MusicFolder(base: base)
        try FileManager.default.createDirectory(at: folder.music, withIntermediateDirectories: true)
        try await body(folder)
    }
}

extension URL {
    var filePath: String { path(percentEncoded: false) }
}

extension FolderSource {
    func search(_ wanted: Track, limit: Int) async throws -> [OfferedFile] {
        try await search(SearchQuery(.full, ""), for: wanted, limit: limit)
    }

    /// The paths of the offers, below the music folder.
    func paths(_ artist: String, _ title: String, in folder: MusicFolder, limit: Int = 20) async throws -> [String] {
        try await search(Track(artist: artist, title: title), limit: limit).map {
            String($0.path.dropFirst(folder.music.filePath.count + 1))
        }
    }
}
