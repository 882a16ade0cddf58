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

    /// Returns a mover with its own connection to the index, like that of another process.
    func mover(_ permissions: FilePermissions = FilePermissions()) throws -> LibraryMover {
        LibraryMover(
            index: try index(), library: MusicLibrary(music, permissions: permissions), staging: staging,
            template: try MoveTemplate(template), actor: "move-test")
    }

    func index() throws -> LibraryIndex { try LibraryIndex(at: state.appending(path: "library.db")) }

    /// Returns a request for a job whose tagged file is in its folder.
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

    /// Writes a file into the library that no job moved.
    func writeFile(_ content: String, at path: String) throws {
        let file = music.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content.utf8).write(to: file)
    }

    /// Returns every file of the library, hidden ones included, with its content.
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

/// Runs a test with a music folder on another file system than the temporary folders.
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

/// Stands for the death of the process: no code handles this error, so no code cleans up after it.
struct Crash: Error, Equatable {
    let step: MoveStep
}

extension MoveObserver {
    static func crash(before step: MoveStep) -> MoveObserver {
        MoveObserver(before: { if $0 == step { throw Crash(step: step) } })
    }
}
