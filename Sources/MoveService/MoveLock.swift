import CFileMove
import Foundation

/// The right to move one job and one recording, held until its owner lets go of it; the kernel frees it when the
/// process dies.
///
/// Bytes of one file are locked, so there is nothing to clean up: a lock belongs to the open file, which makes it hold
/// between the tasks of a process and between processes alike.
struct MoveLock: ~Copyable {
    private let descriptor: Int32

    /// Takes both locks; does not wait.
    ///
    /// - Parameter file: the lock file, one for all that share a library index; made when it is missing.
    /// - Returns: `nil` when somebody else has one of them.
    /// - Throws: ``FileError``.
    static func acquire(job: String, key: String, in file: String) throws(FileError) -> MoveLock? {
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("open", file) }
        let lock = MoveLock(descriptor: descriptor)
        for offset in [position(of: job), position(of: key) | 1 << 61] where !(try lock.take(offset, file)) {
            return nil
        }
        return lock
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    private func take(_ offset: Int64, _ file: String) throws(FileError) -> Bool {
        switch hdm_lock_byte(descriptor, offset) {
        case 0: return true
        case EAGAIN, EACCES: return false
        case let code: throw FileError("lock", file, code: code)
        }
    }

    /// FNV-1a, cut to 61 bits. Two names on one byte only wait for each other.
    private static func position(of name: String) -> Int64 {
        let hash = name.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return Int64(hash & (1 << 61 - 1))
    }
}

extension MoveLock {
    /// Does something while nobody else does it with the same lock file; waits for others. Moves are not held up.
    static func alone<Value>(with file: String, _ work: () throws -> Value) throws -> Value {
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError("open", file) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw FileError("lock", file) }
        }
        return try work()
    }
}
