import AudioFiles
import Contracts
import Foundation
import ServiceKit

/// Brings files into the library, each exactly once. Blocks.
///
/// What is chosen is written to the journal before the library is touched, and what the library shows decides after a
/// crash: doing it again, or in two processes at once, leaves one file, one line in the index and one in the audit
/// trail.
struct LibraryMover: Sendable {
    let index: LibraryIndex
    let library: MusicLibrary
    let staging: StagingArea
    let template: MoveTemplate
    /// Names this process in the audit trail.
    let actor: String

    /// - Throws: ``FileError``, ``ContentChanged``, ``NoFreeName``, `JobError`, `DatabaseError`, `CancellationError`, and
    ///   what the watch throws.
    func move(_ request: MoveRequest, _ watch: MoveWatch = MoveWatch()) throws -> MoveResult {
        guard let lock = try MoveLock.acquire(job: request.job.text, key: request.dedupeKey, in: index.lockFile) else {
            return .busy
        }
        return try withExtendedLifetime(lock) { try MoveRun(request: request, watch: watch, mover: self).run() }
    }

    /// Takes back a move that has not reached the library.
    /// - Returns: `false` when it has, or when another process may be at it.
    func abandon(_ job: JobID, key: String) throws -> Bool {
        guard let lock = try MoveLock.acquire(job: job.text, key: key, in: index.lockFile) else { return false }
        return try withExtendedLifetime(lock) {
            guard let earlier = try index.move(of: job) else { return !staging.isFinished(job) }
            guard earlier.state == .intended, try !isInPlace(earlier) else { return false }
            try AtomicFileMover.remove(library.absolute(earlier.partial))
            try index.withdraw(job)
            return true
        }
    }

    /// Whether the library shows the file of a journal line where the line wants it.
    func isInPlace(_ move: MoveRecord) throws -> Bool {
        if let known = try index.file(at: move.target), known.jobID != move.jobID { return false }
        guard library.hasFile(at: move.target), let file = try OpenFile.reading(library.absolute(move.target)) else {
            return false
        }
        return try file.status().st_size == move.size && file.content() == move.content
    }

    /// Where the file is wanted.
    func wanted(_ request: MoveRequest, _ file: String) -> LibraryPath {
        let tags = request.track.album.filled == nil ? FileAlbum(fileAt: file) : nil
        let name = file.split(separator: "/").last ?? ""
        let fileExtension = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? ""
        return template.path(TemplateValues(request.track, tags: tags, fileExtension: fileExtension))
    }
}

/// Every name that a file could have is taken.
struct NoFreeName: Error, Sendable, Equatable {
    let path: String
}

extension FileAlbum {
    /// What the tags of a file say; `nil` when they name no album or cannot be read.
    init?(fileAt path: String) {
        guard let tags = try? AudioFile.read(at: path).tags, tags.album.filled != nil else { return nil }
        self.init()
        album = tags.album
        albumArtist = tags.albumArtist
        date = tags.date
        trackNumber = tags.trackNumber
        discNumber = tags.discNumber
        discTotal = tags.discTotal
    }
}
