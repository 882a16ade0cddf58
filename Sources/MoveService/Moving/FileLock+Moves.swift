import Files

extension FileLock {
    /// Locks one job and one recording, so that only one worker of all processes moves them. Does not wait.
    ///
    /// Each is a byte of the lock file, at a position derived from its name. Two names at the same position only make one
    /// worker wait for the other.
    ///
    /// - Parameter path: the lock file, which all users of a library index share; created when missing.
    /// - Returns: `nil` when another worker has one of the locks.
    static func forMove(of job: String, key: String, in path: String) throws(FileError) -> FileLock? {
        try tryLock(bytes: [position(of: job), position(of: key) | 1 << 61], of: path)
    }

    /// The FNV-1a hash of the name, cut to 61 bits.
    private static func position(of name: String) -> Int64 {
        let hash = name.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return Int64(hash & (1 << 61 - 1))
    }
}
