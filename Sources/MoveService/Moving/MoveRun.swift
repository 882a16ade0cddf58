import AudioFiles
import Files
import ServiceKit

/// One attempt to move the file of one job. The caller holds the locks.
struct MoveRun {
    /// The number of names that are tried: `Title`, `Title (2)` …
    static let mostNames = 999

    let request: MoveRequest
    let observer: MoveObserver
    let mover: LibraryMover

    func run() throws -> MoveResult {
        let earlier = try mover.index.move(of: request.job)
        if let earlier, let result = try resume(earlier) { return result }
        if let result = try endIfDuplicate() { return result }
        let path = try mover.staging.resolve(request.source, of: request.job).path(percentEncoded: false)
        guard let source = try OpenFile.reading(path) else { return try sourceMissing() }
        return try move(source, try source.content())
    }

    // MARK: After a crash, or for a repeated message

    private func resume(_ earlier: MoveRecord) throws -> MoveResult? {
        switch earlier.state {
        case .done: return .moved(earlier.target)
        case .duplicate: return try end(.duplicate(earlier.target))
        case .placed: return try finish(earlier)
        case .intended:
            if try mover.isInLibrary(earlier) { return try complete(earlier) }
            try OpenFile.remove(mover.library.absolute(earlier.partial))
            return nil
        }
    }

    private func sourceMissing() throws -> MoveResult {
        // When the journal was lost, the marker of the job's end shows that the file was moved.
        if mover.staging.isFinished(request.job), let file = try mover.index.file(of: request.job) {
            return .moved(file.path)
        }
        try mover.index.withdraw(request.job)
        return .sourceMissing
    }

    // MARK: Duplicates

    /// Ends the job when the library has the recording, by its key.
    private func endIfDuplicate() throws -> MoveResult? {
        for other in try mover.index.unfinishedMoves(request.dedupeKey, besides: request.job)
        where try mover.isInLibrary(other) {
            // Its process died before it recorded the file, and its job was not delivered again yet.
            try synchroniseFolder(of: other)
            try mover.index.record(other, by: mover.actor)
        }
        for file in try mover.index.files(request.dedupeKey) where mover.library.hasFile(at: file.path) {
            if file.jobID == request.job.text, file.origin == .moved { return try end(.moved(file.path)) }
            if !request.isForced { return try endAsDuplicate(of: file.path, file.content, adopted: false) }
        }
        return nil
    }

    /// Whether the file that has the wanted name is the same recording.
    private func isSame(_ path: String, as source: borrowing OpenFile, _ content: FileContent) throws -> Bool {
        guard !request.isForced, mover.library.hasFile(at: path) else { return false }
        let absolute = mover.library.absolute(path)
        guard let other = try OpenFile.reading(absolute) else { return false }
        if try other.status().size == content.size, try other.content() == content { return true }
        guard let audio = try? AudioDigest.compute(at: source.path) else { return false }
        return (try? AudioDigest.compute(at: absolute)) == audio
    }

    private func endAsDuplicate(of path: String, _ content: FileContent, adopted: Bool) throws -> MoveResult {
        let move = MoveRecord(request, .duplicate, target: path, content)
        try observer.before(.record)
        try mover.index.record(duplicate: move, adopted: adopted, by: mover.actor)
        return try end(.duplicate(path))
    }
}

extension MoveRun {
    // MARK: Finding a free name

    private func move(_ source: borrowing OpenFile, _ content: FileContent) throws -> MoveResult {
        let wanted = mover.libraryPath(for: request, file: source.path)
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
            if try perform(move, source, in: folders) { return try complete(move) }
        }
        throw NoFreeName(path: (folders + [wanted.fileName()]).joined(separator: "/"))
    }

    /// - Returns: `false` when another file or another move has the target.
    private func perform(_ move: MoveRecord, _ source: borrowing OpenFile, in folders: [String]) throws -> Bool {
        try observer.before(.reserve)
        guard try mover.index.reserve(move) else { return false }
        try observer.before(.makeFolders)
        try mover.library.makeFolders(folders)
        let fileMover = AtomicFileMover(permissions: mover.library.permissions, observer: observer)
        let hasName = try fileMover.move(
            source, move.content, to: mover.library.absolute(move.target),
            partial: mover.library.absolute(move.partial))
        // A network file system can create the link, lose the reply, and report the name as taken.
        return try hasName || mover.isInLibrary(move)
    }

    // MARK: After the file has its name

    private func complete(_ move: MoveRecord) throws -> MoveResult {
        try synchroniseFolder(of: move)
        try OpenFile.remove(mover.library.absolute(move.partial))
        try observer.before(.record)
        try mover.index.record(move, by: mover.actor)
        return try finish(move)
    }

    private func synchroniseFolder(of move: MoveRecord) throws {
        try DiskFolder(mover.library.absolute(move.folder)).synchronise()
    }

    private func finish(_ move: MoveRecord) throws -> MoveResult {
        let result = try end(.moved(move.target))
        try observer.before(.close)
        try mover.index.close(move)
        return result
    }

    private func end(_ result: MoveResult) throws -> MoveResult {
        try observer.before(.finish)
        try mover.staging.finish(request.job, generation: request.generation)
        return result
    }
}
