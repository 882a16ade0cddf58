import Contracts
import Foundation
import ServiceKit
import TestSupport

@testable import MoveService

/// A downloads folder, a library and an index, on disk, for one test.
struct MoveFixture: Sendable {
    let downloads: URL
    let music: URL
    let state: URL
    let staging: StagingArea
    var template = "{AlbumArtist}/{Album}/{Track:02d} {Title}.{ext}"

    init(_ folder: TemporaryFolder, music: URL? = nil) throws {
        downloads = try folder.folder("downloads")
        state = try folder.folder("state")
        self.music = try music ?? folder.folder("music")
        staging = StagingArea(downloads: downloads)
    }

    /// A mover as another process would have it: with its own connection to the index.
    func mover(_ permissions: FilePermissions = FilePermissions()) throws -> LibraryMover {
        LibraryMover(
            index: try index(), library: MusicLibrary(music, permissions: permissions), staging: staging,
            template: try MoveTemplate(template), actor: "move-test")
    }

    func index() throws -> LibraryIndex { try LibraryIndex(at: state.appending(path: "library.db")) }

    /// A job whose tagged file is in its folder.
    func job(
        _ title: String = "Song", content: String = "audio", key: String? = nil, force: Bool? = nil,
        id: JobID = JobID()
    ) throws -> MoveRequest {
        var track = Track(artist: "Artist", title: title, album: "Album")
        track.trackNumber = 1
        var job = JobDocument(jobID: id, dedupeKey: key, track: track)
        job.force = force
        try stage(content, of: id)
        return MoveRequest(job, source: staging.path(of: "tagged.flac", job: id))
    }

    func stage(_ content: String, of job: JobID) throws {
        try Data(content.utf8).write(to: try staging.makeFolder(of: job).appending(path: "tagged.flac"))
    }

    /// Puts a file there that no job brought.
    func put(_ content: String, at path: String) throws {
        let file = music.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content.utf8).write(to: file)
    }

    /// Every file of the library, hidden ones too, with its content.
    func files() throws -> [String: String] {
        let files = FileManager.default.enumerator(atPath: music.path)?.compactMap { $0 as? String } ?? []
        var found: [String: String] = [:]
        for path in files {
            var isFolder: ObjCBool = false
            let absolute = music.appending(path: path).path
            guard FileManager.default.fileExists(atPath: absolute, isDirectory: &isFolder), !isFolder.boolValue else {
                continue
            }
            found[path] = try String(contentsOfFile: absolute, encoding: .utf8)
        }
        return found
    }

    func hasStaging(_ request: MoveRequest) -> Bool {
        FileManager.default.fileExists(atPath: staging.folder(of: request.job).path)
    }

    static let first = "Artist/Album/01 Song.flac"
}

/// A library on another file system than the temporary folders, for the length of a test.
func withOtherFileSystem<Result>(_ test: (URL) async throws -> Result) async throws -> Result {
    let folder = URL(filePath: "/dev/shm/hdm-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let result: Result
    do {
        result = try await test(folder)
    } catch {
        try FileManager.default.removeItem(at: folder)
        throw error
    }
    try FileManager.default.removeItem(at: folder)
    return result
}

/// Stands for the death of the process: nothing of the product knows it, so nothing cleans up after it.
struct Crash: Error, Equatable {
    let step: MoveStep
}

extension MoveWatch {
    static func crash(before step: MoveStep) -> MoveWatch {
        MoveWatch(before: { if $0 == step { throw Crash(step: step) } })
    }
}
