import Files
public import Foundation

/// Copies a local file into the folder of a job, so that the copy is complete and durable.
///
/// The copy gets its final name only after its bytes are on the disk. So a file `source.flac` is always complete,
/// whenever the process was killed. A second run for the same job adopts the finished copy. A source that offers local
/// files fetches them with this type.
public struct DurableCopy: Sendable {
    private let size: Int64
    private let target: CopyTarget
    private let locate: @Sendable () throws -> String

    /// Creates a copy.
    ///
    /// - Parameters:
    ///   - path: The path of the original. The copy gets its extension, when that is plain.
    ///   - size: The size of the offered file in bytes.
    ///   - directory: The folder of the job; it is created when it is missing.
    ///   - stem: The beginning of the copy's name.
    ///   - locate: Checks `path` and returns the path to open, for paths that come from outside. It may block.
    public init(
        of path: String, size: Int64, into directory: URL, stem: String = "source",
        locate: (@Sendable () throws -> String)? = nil
    ) {
        self.size = size
        target = CopyTarget(directory: directory, extensionOf: path, stem: stem)
        self.locate = locate ?? { path }
    }

    /// Copies the file, or adopts the copy of an earlier run.
    ///
    /// - Parameter progress: Called after each mebibyte, on another thread.
    /// - Returns: A copy with the content of the original. When the original no longer exists, a copy of its size.
    /// - Throws: ``SourceError``; `changed` when the original changed during the copy. `CancellationError`. Nothing
    ///   remains of a copy that failed.
    public func run(_ progress: @escaping @Sendable (TransferProgress) -> Void = { _ in }) async throws -> AcquiredFile
    {
        let file = try await Self.pool.runCancellable { flag in
            do {
                return try copyOrAdopt(flag, progress)
            } catch let error as FileError {
                throw SourceError(error)
            }
        }
        try Task.checkCancellation()
        return file
    }

    /// A slow disk or share delays other copies only. There are more threads than most installations run downloads at
    /// once, because a copy that waits reports no progress.
    private static let pool = BlockingPool(name: "source-copies", threads: 64)

    private func copyOrAdopt(
        _ flag: CancellationFlag, _ progress: (TransferProgress) -> Void
    ) throws -> AcquiredFile {
        try target.prepare()
        let original: Original
        do {
            original = try Original(try locate(), size: size)
        } catch let error as SourceError where error.code == .gone {
            guard let path = try target.finished(ofSize: size).first else { throw error }
            return try acquired(path, hash: try Original(path, size: size).hash(flag))
        }
        if let copy = try identical(to: original, flag) { return copy }
        return try copy(original, flag, progress)
    }

    /// Returns a finished copy with the same content as the original, from an earlier run of the same job.
    private func identical(to original: borrowing Original, _ flag: CancellationFlag) throws -> AcquiredFile? {
        let finished = try target.finished(ofSize: size)
        guard !finished.isEmpty else { return nil }
        let wanted = try original.hash(flag)
        let path = try finished.first { try Original($0, size: nil).hash(flag) == wanted }
        return try path.map { try acquired($0, hash: wanted) }
    }

    private func copy(
        _ original: borrowing Original, _ flag: CancellationFlag, _ progress: (TransferProgress) -> Void
    ) throws -> AcquiredFile {
        let partial = try OpenFile.creating(target.partialPath(), mode: 0o666)
        _ = partial.lock()
        do {
            let content = try partial.fill(from: original.file) { done, _ in
                try flag.check()
                progress(TransferProgress(transferred: done, total: size))
            }.content
            try flag.check()
            guard content.size == size, original.isUnchanged else {
                throw SourceError(.changed, "\(original.file.path) changed while it was copied; try again")
            }
            return try publish(partial, hash: content.sha256)
        } catch {
            try? OpenFile.remove(partial.path)
            throw error
        }
    }

    /// Makes the copy durable and gives it the first free name.
    private func publish(_ partial: borrowing OpenFile, hash: String) throws -> AcquiredFile {
        try partial.synchronise()
        // Only this job uses names in its folder, so the check for a free name cannot race.
        guard let path = try partial.name(firstFreeOf: target.paths, allowingRace: true) else {
            throw SourceError(.refused, "\(target.folder.path) has too many copies; delete them")
        }
        try target.folder.synchronise()
        return try acquired(path, hash: hash)
    }

    private func acquired(_ path: String, hash: String) throws -> AcquiredFile {
        AcquiredFile(file: URL(filePath: path), size: size, sha256: hash)
    }
}
