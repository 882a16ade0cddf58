import AudioFiles
import Contracts
import Foundation
import ServiceKit

/// One attempt to move the file of one job, with the locks held.
struct MoveRun {
    /// How many names are tried: `Title`, `Title (2)` …
    static let mostNames = 999

    let request: MoveRequest
    let watch: MoveWatch
    let mover: LibraryMover

    func run() throws -> MoveResult {
        let earlier = try mover.index.move(of: request.job)
        if let earlier, let result = try resume(earlier) { return result }
        if let result = try guarded() { return result }
        guard let source = try OpenFile.reading(try mover.staging.resolve(request.source, of: request.job).plainPath)
        else { return try missing() }
        return try place(source, try source.content())
    }

    // MARK: After a crash, or for a message that came twice

    private func resume(_ earlier: MoveRecord) throws -> MoveResult? {
        switch earlier.state {
        case .done: return .moved(earlier.target)
        case .duplicate: return try end(.duplicate(earlier.target))
        case .placed: return try finish(earlier)
        case .intended:
            if try isInPlace(earlier) { return try complete(earlier) }
            try AtomicFileMover.remove(mover.library.absolute(earlier.partial))
            return nil
        }
    }

    private func isInPlace(_ move: MoveRecord) throws -> Bool { try mover.isInPlace(move) }

    private func missing() throws -> MoveResult {
        // Without a journal, only the marker of its end tells that the job was moved.
        if mover.staging.isFinished(request.job), let file = try mover.index.file(of: request.job) {
            return .moved(file.path)
        }
        try mover.index.withdraw(request.job)
        return .sourceMissing
    }

    // MARK: The guard against duplicates

    /// The recording that the library has already, by the key of the wish.
    private func guarded() throws -> MoveResult? {
        for other in try mover.index.unfinished(request.dedupeKey, besides: request.job) where try isInPlace(other) {
            // The process that placed it died before it could say so; its job has yet to come back.
            try synchroniseFolder(of: other)
            try mover.index.record(other, by: mover.actor)
        }
        for file in try mover.index.files(request.dedupeKey) where mover.library.hasFile(at: file.path) {
            if file.jobID == request.job.text, file.origin == .moved { return try end(.moved(file.path)) }
            if !request.isForced { return try endAsDuplicate(of: file.path, file.content, adopted: false) }
        }
        return nil
    }

    /// Whether what has the wanted name is the same recording: then it stays the only one.
    private func isSame(_ path: String, as source: borrowing OpenFile, _ content: FileContent) throws -> Bool {
        guard !request.isForced, mover.library.hasFile(at: path) else { return false }
        let absolute = mover.library.absolute(path)
        guard let other = try OpenFile.reading(absolute) else { return false }
        if try other.status().st_size == content.size, try other.content() == content { return true }
        guard let audio = try? AudioDigest.compute(at: source.path) else { return false }
        return (try? AudioDigest.compute(at: absolute)) == audio
    }

    private func endAsDuplicate(of path: String, _ content: FileContent, adopted: Bool) throws -> MoveResult {
        let move = MoveRecord(request, .duplicate, target: path, content)
        try watch.before(.record)
        try mover.index.record(duplicate: move, adopted: adopted, by: mover.actor)
        return try end(.duplicate(path))
    }
}

extension MoveRun {
    // MARK: Finding a name and taking it

    private func place(_ source: borrowing OpenFile, _ content: FileContent) throws -> MoveResult {
        let wanted = mover.wanted(request, source.path)
        let folders = try mover.library.spelling(of: wanted.folders)
        for number in 1...Self.mostNames {
            let name = wanted.fileName(number)
            if let entry = try mover.library.entry(like: name, in: folders) {
                let path = (folders + [entry]).joined(separator: "/")
                guard try isSame(path, as: source, content) else { continue }
                let adopted = try mover.index.file(at: path) == nil
                return try endAsDuplicate(of: path, content, adopted: adopted)
            }
            let move = MoveRecord(request, .intended, target: (folders + [name]).joined(separator: "/"), content)
            if try take(move, source, in: folders) { return try complete(move) }
        }
        throw NoFreeName(path: (folders + [wanted.fileName()]).joined(separator: "/"))
    }

    /// - Returns: `false` when another file, or another move, was faster.
    private func take(_ move: MoveRecord, _ source: borrowing OpenFile, in folders: [String]) throws -> Bool {
        try watch.before(.reserve)
        guard try mover.index.reserve(move) else { return false }
        try watch.before(.makeFolders)
        try mover.library.makeFolders(folders)
        let fileMover = AtomicFileMover(permissions: mover.library.permissions, watch: watch)
        let result = try fileMover.place(
            source, move.content, at: mover.library.absolute(move.target),
            partial: mover.library.absolute(move.partial))
        // Over a network a link can succeed and be reported as taken, when the answer was lost.
        return try result == .placed || isInPlace(move)
    }

    // MARK: What follows the one step

    private func complete(_ move: MoveRecord) throws -> MoveResult {
        try synchroniseFolder(of: move)
        try AtomicFileMover.remove(mover.library.absolute(move.partial))
        try watch.before(.record)
        try mover.index.record(move, by: mover.actor)
        return try finish(move)
    }

    private func synchroniseFolder(of move: MoveRecord) throws {
        let folder = move.target.folderPath.map(String.init) ?? ""
        try MusicLibrary.synchronise(folder: mover.library.absolute(folder))
    }

    private func finish(_ move: MoveRecord) throws -> MoveResult {
        let result = try end(.moved(move.target))
        try watch.before(.close)
        try mover.index.close(move)
        return result
    }

    private func end(_ result: MoveResult) throws -> MoveResult {
        try watch.before(.finish)
        try mover.staging.finish(request.job)
        return result
    }
}
