import Crypto
import Foundation

/// A copy under way, a piece at a time; every function blocks on the disk.
///
/// Until ``publish()`` the copy has a name that marks it as unfinished, and ``publish()`` gives it its name in one step
/// after its bytes are on the disk: whoever finds `source.flac` finds all of it, whenever the process was killed.
struct CopyTransfer: Sendable {
    static let pieceSize = 1024 * 1024

    private let source: SourceFile
    private let target: CopyTarget
    private let output: PartialFile
    private var hash = SHA256()
    private(set) var transferred: Int64 = 0

    init(from source: SourceFile, to target: CopyTarget) throws {
        self.source = source
        self.target = target
        output = try PartialFile(target.partial())
    }

    /// Copies a whole file, a piece at a time; a copy that does not come to its end leaves nothing behind.
    static func run(
        from source: SourceFile, to target: CopyTarget, progress: @Sendable (_ transferred: Int64) -> Void = { _ in }
    ) async throws -> AcquiredFile {
        var transfer = try await blocking { try CopyTransfer(from: source, to: target) }
        do {
            var isComplete = false
            while !isComplete {
                try Task.checkCancellation()
                (transfer, isComplete) = try await blocking { [transfer] in
                    var transfer = transfer
                    let isComplete = try transfer.step()
                    return (transfer, isComplete)
                }
                progress(transfer.transferred)
            }
            return try await blocking { [transfer] in try transfer.publish() }
        } catch {
            // Not through `blocking`, which a cancelled task does not enter; a removal is short.
            transfer.abandon()
            throw error
        }
    }

    /// Copies the next piece; `true` when the last one is copied.
    mutating func step() throws -> Bool {
        let bytes = try source.read(at: transferred, count: Self.pieceSize)
        try output.write(bytes)
        hash.update(data: bytes)
        transferred += Int64(bytes.count)
        return bytes.isEmpty || transferred >= source.stamp.size
    }

    /// Makes the copy durable and gives it its name.
    ///
    /// - Throws: ``SourceError`` `changed` when the original did not stay the same; then nothing is published.
    func publish() throws -> AcquiredFile {
        guard transferred == source.stamp.size, source.isUnchanged else {
            throw SourceError(.changed, "\(source.path) changed while it was copied")
        }
        try output.synchronise()
        let file = try output.name(asFirstFree: target.names)
        try target.synchroniseDirectory()
        return AcquiredFile(file: file, size: transferred, sha256: FileHash.text(hash))
    }

    /// Removes what was copied so far.
    func abandon() { output.remove() }
}

/// The file of a copy under way, locked against those who clean up; closed when nobody uses it any more.
final class PartialFile: Sendable {
    private let path: String
    private let descriptor: Int32

    init(_ file: URL) throws {
        path = file.path(percentEncoded: false)
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw SourceError(errno: errno, path) }
        _ = flock(descriptor, LOCK_EX | LOCK_NB)
    }

    /// Takes a file that is open; for tests with devices that fail.
    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SourceError(errno: errno, path) }
            written += count
        }
    }

    func synchronise() throws {
        guard fsync(descriptor) == 0 else { throw SourceError(errno: errno, path) }
    }

    /// Gives the file the first of the names that is free, in one step that replaces nothing.
    func name(asFirstFree names: [URL]) throws -> URL {
        for file in names {
            let name = file.path(percentEncoded: false)
            if link(path, name) == 0 {
                unlink(path)
                return file
            }
            let reason = errno
            if reason == EEXIST { continue }
            guard [EPERM, ENOTSUP, ENOSYS, EMLINK].contains(reason) else { throw SourceError(errno: reason, path) }
            if try renameWithoutLinks(to: name) { return file }
        }
        throw SourceError(.refused, "\(path): too many copies in the folder of the job; clear it")
    }

    func remove() { unlink(path) }

    /// For file systems without hard links. Nobody else makes files of these names in the folder of a job.
    private func renameWithoutLinks(to name: String) throws -> Bool {
        var status = stat()
        guard lstat(name, &status) != 0, errno == ENOENT else { return false }
        guard rename(path, name) == 0 else { throw SourceError(errno: errno, path) }
        return true
    }
}
