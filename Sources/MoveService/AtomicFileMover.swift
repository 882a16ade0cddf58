import CFileMove
import Foundation

/// Gives a file its name in the library, in one step and never in place of another file. Blocks.
///
/// On the same file system the file gets a second name (a hard link); where there are none, it is renamed without
/// replacing. To another file system it is copied under a hidden name, read back, and then named likewise. The source
/// keeps its name, except after a rename; removing it is up to the caller, once the move is on record.
struct AtomicFileMover: Sendable {
    enum Result: Sendable, Equatable {
        case placed
        /// Something else has the name.
        case taken
    }

    let permissions: FilePermissions
    let watch: MoveWatch

    /// - Parameters:
    ///   - source: the opened file; exactly what is open gets the name, whatever its own name means by now.
    ///   - content: what the file contains, which a copy must prove to contain as well.
    ///   - partial: an unused path in the folder of the target, for a copy.
    /// - Throws: ``FileError``, ``ContentChanged``, `CancellationError`. Nothing is left behind then.
    func place(
        _ source: borrowing OpenFile, _ content: FileContent, at target: String, partial: String
    ) throws -> Result {
        try watch.before(.prepare)
        try permissions.apply(to: source)
        try source.synchronise()
        try watch.before(.link)
        if let result = try name(source, target) { return result }
        watch.copies(content.size)
        return try copy(source, content, to: target, by: partial)
    }

    /// - Returns: `nil` when the target is on another file system.
    private func name(_ file: borrowing OpenFile, _ target: String) throws(FileError) -> Result? {
        switch Self.link(file, target) {
        case 0: return .placed
        case EEXIST: return .taken
        case EXDEV: return nil
        case let code where FileError.meansNoHardLinks(code): return try rename(file, target)
        case let code: throw FileError("give \(file.path) the name", target, code: code)
        }
    }

    /// Links what is open: the path could have become another file.
    private static func link(_ file: borrowing OpenFile, _ target: String) -> Int32 {
        let opened = "/proc/self/fd/\(file.descriptor)"
        return linkat(AT_FDCWD, opened, AT_FDCWD, target, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno
    }

    private func rename(_ file: borrowing OpenFile, _ target: String) throws(FileError) -> Result? {
        switch hdm_rename_exclusive(file.path, target) {
        case 0: return .placed
        case EEXIST: return .taken
        case EXDEV: return nil
        case let code: throw FileError("give \(file.path), which cannot be linked, the name", target, code: code)
        }
    }
}

/// The source was written to while it was moved, or the disk does not give back what it was given.
struct ContentChanged: Error, Sendable, Equatable {
    let path: String
}

extension AtomicFileMover {
    private func copy(
        _ source: borrowing OpenFile, _ content: FileContent, to target: String, by partial: String
    ) throws -> Result {
        try watch.before(.createPartial)
        let copy = try OpenFile.creating(partial)
        do {
            try fill(copy, from: source, content)
            try watch.before(.linkPartial)
            guard let result = try name(copy, target) else { throw FileError("link to", target, code: EXDEV) }
            try watch.before(.removePartial)
            try Self.remove(partial)
            return result
        } catch let error where error is FileError || error is ContentChanged || error is CancellationError {
            try Self.remove(partial)
            throw error
        }
    }

    /// Copies and reads back what arrived on the disk.
    private func fill(
        _ copy: borrowing OpenFile, from source: borrowing OpenFile, _ content: FileContent
    ) throws {
        try watch.before(.fillPartial)
        var done: Int64 = 0
        let read = try source.content { piece in
            if watch.isCancelled() { throw CancellationError() }
            try copy.append(piece)
            done += Int64(piece.count)
            watch.progress(done, content.size)
        }
        guard read == content else { throw ContentChanged(path: source.path) }
        try permissions.apply(to: copy)
        try copy.synchronise()
        copy.dropCache()
        guard try copy.content() == content else { throw ContentChanged(path: copy.path) }
    }

    /// Removes a partial file; one that is gone, or became the target by a rename, is none.
    static func remove(_ partial: String) throws(FileError) {
        guard unlink(partial) == 0 || errno == ENOENT else { throw FileError("remove", partial) }
    }
}
