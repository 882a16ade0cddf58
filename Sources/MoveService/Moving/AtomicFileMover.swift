import Files
import Foundation

/// Gives a file its name in the library in one step, never in place of another file. Blocks.
///
/// On the same file system the file gets a second name (a hard link); where there are no hard links, it is renamed
/// without replacing. On another file system it is copied under a hidden name, read back, and then named in the same
/// way. The source keeps its name, except after a rename. The caller removes it after the move is recorded.
struct AtomicFileMover: Sendable {
    let permissions: FilePermissions
    let observer: MoveObserver

    /// - Parameters:
    ///   - source: the open file. It gets the name even if its path means another file by now.
    ///   - content: the content of the source, against which a copy is verified.
    ///   - partial: an unused path in the folder of the target, for a copy.
    /// - Returns: `false` when another file has the name of the target.
    /// - Throws: ``FileError``, ``ContentChanged``, `CancellationError`. Then no file was created.
    func move(
        _ source: borrowing OpenFile, _ content: FileContent, to target: String, partial: String
    ) throws -> Bool {
        try observer.before(.prepare)
        try permissions.apply(to: source)
        try source.synchronise()
        try observer.before(.link)
        switch try source.name(target) {
        case .named: return true
        case .taken: return false
        case .otherFileSystem:
            observer.willCopy(content.size)
            return try copy(source, content, to: target, partial)
        }
    }

    private func copy(
        _ source: borrowing OpenFile, _ content: FileContent, to target: String, _ partial: String
    ) throws -> Bool {
        try observer.before(.createPartial)
        let copy = try OpenFile.creating(partial)
        do {
            try fill(copy, from: source, content)
            try observer.before(.linkPartial)
            let result = try copy.name(target)
            guard result != .otherFileSystem else { throw FileError("link to", target, number: EXDEV) }
            try observer.before(.removePartial)
            try OpenFile.remove(partial)
            return result == .named
        } catch let error where error is FileError || error is ContentChanged || error is CancellationError {
            try OpenFile.remove(partial)
            throw error
        }
    }

    /// Copies the source and verifies what arrived on the disk.
    private func fill(
        _ copy: borrowing OpenFile, from source: borrowing OpenFile, _ content: FileContent
    ) throws {
        try observer.before(.fillPartial)
        let copied = try copy.fill(from: source) { done, _ in
            if observer.isCancelled() { throw CancellationError() }
            observer.progress(done, content.size)
        }
        guard copied.content == content else { throw ContentChanged(path: source.path) }
        try permissions.apply(to: copy)
        try copy.synchronise()
        copy.dropCache()
        guard try copy.content() == content else { throw ContentChanged(path: copy.path) }
    }
}

/// The source was written to while it was moved, or the disk returned other bytes than were written.
struct ContentChanged: Error, Sendable, Equatable {
    let path: String
}
