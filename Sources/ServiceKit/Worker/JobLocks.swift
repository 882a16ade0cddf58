import Contracts
import Files

/// The locks of jobs whose work continues in a process after their message was given back: single bytes of the file
/// `<downloads>/.harmony/jobs.lock`. All functions block.
struct JobLocks: Sendable {
    private let path: String

    init(_ staging: StagingArea) { path = staging.downloads.appending(path: ".harmony/jobs.lock").path }

    /// Locks a job until the value is destroyed or the process ends.
    /// - Returns: `nil` when another owner has the lock. Two jobs with the same byte only make one wait for the other.
    func lock(_ job: JobID) throws(FileError) -> FileLock? {
        try DiskFolder(of: path).make()
        return try FileLock.tryLock(bytes: [Self.position(of: job)], of: path)
    }

    /// Whether the work of a job continues in any process. On a volume without locks no work continues.
    func isLocked(_ job: JobID) -> Bool {
        do throws(FileError) {
            return try FileLock.isLocked(byte: Self.position(of: job), of: path) ?? false
        } catch {
            return false
        }
    }

    private static func position(of job: JobID) -> Int64 { Int64(job.text.stableHash & (1 << 62 - 1)) }
}
