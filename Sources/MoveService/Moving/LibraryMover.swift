import AudioFiles
import Contracts
import Files
import ServiceKit

/// Moves files into the library, each exactly once. Blocks.
///
/// The chosen target is recorded in the journal before the library is changed. After a crash, the files in the library
/// are authoritative. A move that is repeated, or runs in two processes at once, leaves one file, one row in the index
/// and one in the audit trail.
struct LibraryMover: Sendable {
    let index: LibraryIndex
    let library: MusicLibrary
    let staging: StagingArea
    let template: MoveTemplate
    /// The name of this process in the audit trail.
    let actor: String

    /// - Throws: ``FileError``, ``ContentChanged``, ``NoFreeName``, `JobError`, `DatabaseError`, `UnreadableRow`,
    ///   `CancellationError`, and the errors of the observer.
    func move(_ request: MoveRequest, _ observer: MoveObserver = MoveObserver()) throws -> MoveResult {
        let lock = try FileLock.forMove(of: request.job.text, key: request.dedupeKey, in: index.lockFile)
        guard let lock else { return .busy }
        return try withExtendedLifetime(lock) { try MoveRun(request: request, observer: observer, mover: self).run() }
    }

    /// Withdraws a move that has not reached the library.
    ///
    /// - Returns: `false` when it has.
    /// - Throws: `JobError` when a move of the job or of the same recording is in progress; ``FileError``, `DatabaseError`.
    func abandon(_ job: JobID, key: String) throws -> Bool {
        guard let lock = try FileLock.forMove(of: job.text, key: key, in: index.lockFile) else {
            throw JobError(.internalError, "a move of the same recording is in progress; try again later")
        }
        return try withExtendedLifetime(lock) {
            guard let earlier = try index.move(of: job) else { return !staging.isFinished(job) }
            guard earlier.state == .intended, try !isInLibrary(earlier) else { return false }
            try OpenFile.remove(library.absolute(earlier.partial))
            try index.withdraw(job)
            return true
        }
    }

    /// Whether the file of a recorded move is at its target, with its content.
    func isInLibrary(_ move: MoveRecord) throws -> Bool {
        if let entered = try index.file(at: move.target), entered.jobID != move.jobID { return false }
        guard library.hasFile(at: move.target), let file = try OpenFile.reading(library.absolute(move.target)) else {
            return false
        }
        return try file.status().size == move.size && file.content() == move.content
    }

    /// Returns the path that the template gives to a file.
    func libraryPath(for request: MoveRequest, file: String) -> LibraryPath {
        let tags = request.track.album.filled == nil ? FileAlbum(tagsOf: file) : nil
        let name = file.split(separator: "/").last ?? ""
        let fileExtension = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? ""
        return template.path(TemplateValues(request.track, tags: tags, fileExtension: fileExtension))
    }
}

/// All names that a file may have in its folder are taken.
struct NoFreeName: Error, Sendable, Equatable {
    let path: String
}

extension FileAlbum {
    /// The album in the tags of a file; `nil` when they name none or cannot be read.
    init?(tagsOf path: String) {
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
