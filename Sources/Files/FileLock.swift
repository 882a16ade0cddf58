import CFileMove
import Foundation

/// A lock on single bytes of a file, between tasks and processes. The kernel frees it with the process.
///
/// The lock belongs to this open file, so it also excludes other tasks of the same process. It ends when the value is
/// destroyed. All functions block on the disk.
public struct FileLock: ~Copyable, Sendable {
    private let file: OpenFile

    private init(_ path: String) throws(FileError) {
        file = try OpenFile.updating(path)
    }

    /// Locks single bytes of a file without waiting. The bytes need not exist; the file is created when missing.
    ///
    /// - Returns: `nil` when one of the bytes is locked by another owner.
    public static func tryLock(bytes: [Int64], of path: String) throws(FileError) -> FileLock? {
        let lock = try FileLock(path)
        for offset in bytes {
            switch hdm_lock_byte(lock.file.descriptor, offset) {
            case 0: continue
            case EAGAIN, EACCES: return nil
            case let number: throw FileError("lock", path, number: number)
            }
        }
        return lock
    }

    /// Whether another open file has locked a byte. It neither creates the file nor locks anything.
    ///
    /// - Returns: `nil` when the file does not exist.
    public static func isLocked(byte offset: Int64, of path: String) throws(FileError) -> Bool? {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw FileError("open", path)
        }
        defer { close(descriptor) }
        let state = hdm_byte_lock_state(descriptor, offset)
        guard state >= 0 else { throw FileError("examine the lock of", path, number: -state) }
        return state == 1
    }
}
