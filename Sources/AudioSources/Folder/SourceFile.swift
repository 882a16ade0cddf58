import Crypto
import Foundation

/// An original that is open for reading; closed when nobody uses it any more.
final class SourceFile: Sendable {
    let path: String
    let descriptor: Int32
    /// What it was when it was opened.
    let stamp: FileStamp

    /// Opens a file; blocks on the disk.
    ///
    /// - Parameter size: What the file must have, in bytes; `nil` for any.
    init(_ path: String, size: Int64?) throws {
        // A named pipe must not hold the opener, and the last step of the path must not be a link by now.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw SourceError(errno: errno, path) }
        self.path = path
        var status = stat()
        let isRead = fstat(descriptor, &status) == 0
        stamp = FileStamp(status)
        guard isRead, status.st_mode & S_IFMT == S_IFREG else {
            throw SourceError(.refused, "\(path) is not a regular file")
        }
        guard size == nil || stamp.size == size else {
            throw SourceError(.changed, "\(path) is not the file that was offered: its size is another")
        }
    }

    deinit { close(descriptor) }

    /// Whether the file is still what was opened; blocks on the disk.
    var isUnchanged: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && FileStamp(status) == stamp && status.st_nlink > 0
    }

    /// Up to `count` bytes; none at the end. Blocks on the disk.
    func read(at offset: Int64, count: Int) throws -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var got: Int
            repeat { got = pread(descriptor, buffer.baseAddress, count, off_t(offset)) } while got < 0 && errno == EINTR
            failure = got < 0 ? errno : 0
            filled = max(got, 0)
        }
        guard failure == 0 else { throw SourceError(errno: failure, path) }
        return bytes
    }
}

/// The SHA-256 of a file, in lower-case hexadecimal.
enum FileHash {
    /// Reads the file in pieces, and lets go between them.
    static func compute(of file: SourceFile) async throws -> String {
        var hash = SHA256()
        var offset: Int64 = 0
        while offset < file.stamp.size {
            try Task.checkCancellation()
            let (updated, count) = try await blocking { [hash, offset] in
                var hash = hash
                let bytes = try file.read(at: offset, count: CopyTransfer.pieceSize)
                hash.update(data: bytes)
                return (hash, bytes.count)
            }
            guard count > 0 else { break }
            hash = updated
            offset += Int64(count)
        }
        return text(hash)
    }

    static func text(_ hash: SHA256) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let bytes = hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
