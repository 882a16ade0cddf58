import Crypto
import Foundation

/// An open file, closed when its owner lets go of it. All functions block.
struct OpenFile: ~Copyable {
    private static let chunk = 1 << 20

    let path: String
    let descriptor: Int32

    /// Opens for reading; never through a symbolic link, never a device or a pipe.
    ///
    /// - Returns: `nil` when there is no such file.
    /// - Throws: ``FileError``.
    static func reading(_ path: String) throws(FileError) -> OpenFile? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw FileError("open", path) }
        let file = OpenFile(path: path, descriptor: descriptor)
        guard try file.status().st_mode & S_IFMT == S_IFREG else { throw FileError("read", path, code: EINVAL) }
        return file
    }

    /// Creates a file that was not there, readable by its owner only until its permissions are set.
    static func creating(_ path: String) throws(FileError) -> OpenFile {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("create", path) }
        return OpenFile(path: path, descriptor: descriptor)
    }

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func status() throws(FileError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("examine", path) }
        return status
    }

    /// Makes content and attributes durable.
    func synchronise() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError("make durable", path) }
    }

    /// Lets the next reading come from the disk, as far as the system follows.
    func dropCache() { _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) }
}

/// What a file contains, as far as it takes to compare.
struct FileContent: Sendable, Hashable {
    /// Lower-case hexadecimal.
    let sha256: String
    /// Bytes.
    let size: Int64
}

extension OpenFile {
    /// Reads from the beginning to the end, in pieces of bounded size, and sums up what was read.
    func content(_ piece: (UnsafeRawBufferPointer) throws -> Void = { _ in }) throws -> FileContent {
        var hash = SHA256()
        var size: Int64 = 0
        try withUnsafeTemporaryAllocation(byteCount: Self.chunk, alignment: 16) { buffer in
            while true {
                let count = try read(into: buffer, at: size)
                if count == 0 { return }
                let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                hash.update(bufferPointer: bytes)
                try piece(bytes)
                size += Int64(count)
            }
        }
        return FileContent(sha256: hash.finalize().map { String(format: "%02x", $0) }.joined(), size: size)
    }

    private func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) -> Int {
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
            if count >= 0 { return count }
            guard errno == EINTR else { throw FileError("read", path) }
        }
    }

    /// Appends all of the bytes.
    func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError("write to", path, code: count == 0 ? ENOSPC : errno) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }
}
