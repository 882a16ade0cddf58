import Contracts
import Crypto
import Foundation

/// A copy in the making: a hidden file in the job's own folder, whose name no other run uses. Blocks.
struct CopiedFile: Sendable {
    private static let chunk = 1 << 20

    let path: String

    /// Whether a regular file of this size is there; a link is not followed.
    static func isThere(_ path: String, size: Int64) throws(JobError) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw JobError(system: "examine", path)
        }
        return status.st_mode & S_IFMT == S_IFREG && Int64(status.st_size) == size
    }

    /// Copies a file.
    ///
    /// - Returns: the SHA-256 of what was copied, in lower-case hexadecimal.
    /// - Throws: ``JobError``; `CancellationError`.
    func fill(
        from source: String, _ isCancelled: () -> Bool, _ progress: (_ done: Int64, _ total: Int64) -> Void
    ) throws -> String {
        let output = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard output >= 0 else { throw JobError(system: "create", path) }
        defer { close(output) }
        return try Self.digest(of: source, isCancelled) { bytes, done, total in
            try append(bytes, to: output)
            progress(done, total)
        }
    }

    /// Whether a file still has the content that it is known by.
    ///
    /// - Parameter sha256: in hexadecimal; without one there is nothing to compare.
    /// - Throws: ``JobError``; `CancellationError`.
    static func holds(_ path: String, _ sha256: String?, _ isCancelled: () -> Bool) throws -> Bool {
        guard let sha256 else { return true }
        return try digest(of: path, isCancelled) { _, _, _ in } == sha256.lowercased()
    }

    private static func digest(
        of source: String, _ isCancelled: () -> Bool,
        _ take: (_ bytes: UnsafeRawBufferPointer, _ done: Int64, _ total: Int64) throws -> Void
    ) throws -> String {
        let input = open(source, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard input >= 0 else { throw JobError(system: "open", source) }
        defer { close(input) }
        var hash = SHA256()
        var (done, total) = (Int64(0), Int64(lseek(input, 0, SEEK_END)))
        try withUnsafeTemporaryAllocation(byteCount: Self.chunk, alignment: 16) { buffer in
            while true {
                if isCancelled() { throw CancellationError() }
                let count = pread(input, buffer.baseAddress, buffer.count, off_t(done))
                guard count >= 0 else { throw JobError(system: "read", source) }
                if count == 0 { return }
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                hash.update(bufferPointer: bytes)
                done += Int64(count)
                total = max(total, done)
                try take(bytes, done, total)
            }
        }
        return hash.finalize().map { String(format: "%02x", $0) }.joined()
    }

    private func append(_ bytes: UnsafeRawBufferPointer, to output: Int32) throws(JobError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(output, rest.baseAddress, rest.count)
            guard count > 0 else { throw JobError(system: "write to", path) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Gives the copy, which must be durable, its name in one step; an earlier copy of the same job makes way.
    func rename(to target: String) throws(JobError) {
        guard Foundation.rename(path, target) == 0 else {
            let error = JobError(system: "name", target)
            try remove()
            throw error
        }
        let folder = target.lastIndex(of: "/").map { String(target[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw JobError(system: "open", folder) }
        defer { close(descriptor) }
        // Some network and FUSE file systems know no fsync of folders; there it cannot be had.
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == EOPNOTSUPP else {
            throw JobError(system: "make durable", folder)
        }
    }

    func remove() throws(JobError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw JobError(system: "remove", path) }
    }
}

extension JobError {
    /// A call to the file system that just failed.
    init(system action: String, _ path: String, number: Int32 = errno) {
        let code: ErrorCode =
            switch number {
            case ENOSPC, EDQUOT: .diskFull
            case EACCES, EPERM, EROFS: .permissionDenied
            default: .internalError
            }
        let reason = String(cString: strerror(number))
        self.init(code, "cannot \(action) \(path) as uid \(geteuid()), gid \(getegid()): \(reason)")
    }
}
