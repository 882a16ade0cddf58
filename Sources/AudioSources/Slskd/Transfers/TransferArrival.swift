import Contracts
import Files
import Foundation

/// Moves a file that slskd has downloaded into the folder of its job. It is complete and durable there before it
/// disappears from slskd's folder.
struct TransferArrival: Sendable {
    @Boxed private(set) var candidate: Candidate
    let directory: URL
    let stem: String
    /// Moves of files of any size read the whole file, so they must not delay short calls.
    let pool: BlockingPool

    var target: CopyTarget { CopyTarget(directory: directory, extensionOf: candidate.path, stem: stem) }

    /// Creates the job's folder and removes partial copies.
    func prepare() async throws {
        let target = target
        try await run { _ in try target.prepare() }
    }

    /// Returns the file when an earlier run has already moved it.
    func earlier() async throws -> AcquiredFile? {
        let (target, size) = (target, candidate.size)
        return try await run { flag in
            guard let path = try target.finished(ofSize: size).first else { return nil }
            let hash = try Original(path, size: size).hash(flag)
            return AcquiredFile(file: URL(filePath: path), size: size, sha256: hash)
        }
    }

    /// Moves a file into the job's folder, or copies it when that is on another file system.
    /// - Parameter path: The path of a regular file that is known to be in slskd's folder.
    func bring(_ path: String) async throws -> AcquiredFile {
        let (target, size) = (target, candidate.size)
        let moved = try await run { flag in
            try Self.move(try Original(path, size: size), to: target, size: size, flag)
        }
        if let moved { return moved }
        let file = try await DurableCopy(of: path, size: size, into: directory, stem: stem).run()
        await removeOriginal(path)
        return file
    }

    /// Removes the file from slskd's folder. An error is ignored: the job has its file, and the sweep tries again. slskd's
    /// folder may belong to another user.
    private func removeOriginal(_ path: String) async {
        try? await pool.run { try OpenFile.remove(path) }
    }

    /// - Returns: `nil` when the file system does not allow the move.
    private static func move(
        _ original: borrowing Original, to target: CopyTarget, size: Int64, _ flag: CancellationFlag
    ) throws -> AcquiredFile? {
        let hash = try original.hash(flag)
        try original.file.synchronise()
        guard original.isUnchanged else {
            throw SourceError(.changed, "\(original.file.path) changed while it was read; try again")
        }
        for path in target.paths {
            switch try? original.file.name(path) {
            case .taken: continue
            case .named:
                try target.folder.synchronise()
                try? OpenFile.remove(original.file.path)
                return AcquiredFile(file: URL(filePath: path), size: size, sha256: hash)
            case .otherFileSystem, nil: return nil
            }
        }
        return nil
    }

    private func run<Value: Sendable>(
        _ body: @escaping @Sendable (CancellationFlag) throws -> Value
    ) async throws -> Value {
        try await pool.runCancellable { flag in
            do {
                return try body(flag)
            } catch let error as FileError {
                throw SourceError(error)
            }
        }
    }
}
