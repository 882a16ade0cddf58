import Foundation

/// An open file. The descriptor is closed when the value is destroyed. All functions block.
public struct OpenFile: ~Copyable, Sendable {
    /// The size of the pieces in which files are read and copied, in bytes.
    public static let pieceSize = 1 << 20

    public let path: String
    public let descriptor: Int32

    /// Takes over an open descriptor. Tests use it for devices that fail.
    public init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Opens a regular file for reading. Devices and pipes are refused.
    ///
    /// - Parameter followLinks: whether the last part of the path may be a symbolic link.
    /// - Returns: `nil` when the file does not exist.
    public static func reading(_ path: String, followLinks: Bool = false) throws(FileError) -> OpenFile? {
        // Without O_NONBLOCK, the opening of a named pipe waits for a writer.
        let flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | (followLinks ? 0 : O_NOFOLLOW)
        let descriptor = open(path, flags)
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw FileError("open", path) }
        let file = OpenFile(path: path, descriptor: descriptor)
        guard try file.status().kind == .file else { throw FileError("read", path, number: EISDIR) }
        return file
    }

    /// Creates a file for writing and reading. An existing file or link of this name is an error.
    ///
    /// - Parameter mode: the permission bits before the process's umask; by default only its owner can read it.
    public static func creating(_ path: String, mode: UInt32 = 0o600) throws(FileError) -> OpenFile {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else { throw FileError("create", path) }
        return OpenFile(path: path, descriptor: descriptor)
    }

    /// Opens a file for writing and reading, and creates it when it does not exist. A symbolic link is followed.
    ///
    /// - Parameter mode: the permission bits of a new file before the process's umask.
    public static func updating(_ path: String, mode: UInt32 = 0o600) throws(FileError) -> OpenFile {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else { throw FileError("open", path) }
        return OpenFile(path: path, descriptor: descriptor)
    }

    /// Opens a file for appending, and creates it when it does not exist. Every write goes to the end of the file.
    ///
    /// - Parameter mode: the permission bits of a new file before the process's umask.
    public static func appending(_ path: String, mode: UInt32 = 0o644) throws(FileError) -> OpenFile {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode_t(mode))
        guard descriptor >= 0 else { throw FileError("open", path) }
        return OpenFile(path: path, descriptor: descriptor)
    }

    public func status() throws(FileError) -> FileStatus {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("examine", path) }
        return FileStatus(status)
    }

    /// Writes content and attributes to the disk: fsync(2).
    public func synchronise() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError("make durable", path) }
    }

    /// Drops the cached content, so that the next read comes from the disk. The system may ignore it.
    public func dropCache() { _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) }

    /// Removes the name ``path``. A file that does not exist is no error.
    public static func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileError("remove", path) }
    }
}

extension OpenFile {
    /// Reads until the buffer is full or the file ends.
    ///
    /// - Returns: the number of bytes read; less than the buffer's size only at the end of the file.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) -> Int {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + Int64(done)))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError("read", path) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Reads up to `count` bytes; fewer only at the end of the file.
    public func read(at offset: Int64, count: Int) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(FileError) {
                filled = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Appends all of the bytes at the descriptor's position.
    public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError("write to", path, number: count == 0 ? ENOSPC : errno) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    public func append(_ bytes: [UInt8]) throws(FileError) {
        let failure = bytes.withUnsafeBytes { buffer in
            do throws(FileError) {
                try append(buffer)
                return FileError?.none
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }
}
