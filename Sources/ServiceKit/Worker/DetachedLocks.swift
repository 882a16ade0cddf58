import Contracts
import Files
import Synchronization

/// The locks of the jobs whose runs continue in this process after their messages were given back.
final class DetachedLocks: Sendable {
    /// A lock in a dictionary, which needs copyable values.
    private final class Held: Sendable {
        let lock: FileLock

        init(_ lock: consuming FileLock) { self.lock = lock }
    }

    private let held = Mutex<[JobID: Held]>([:])

    /// Locks a job.
    /// - Throws: `JobError` when another process has the lock; ``FileError``.
    func lock(_ job: JobID, _ locks: JobLocks) async throws {
        let lock = try await BlockingPool.markers.run(within: .seconds(10)) { () throws -> Held in
            guard let lock = try locks.lock(job) else {
                throw JobError(.internalError, "another process has the lock of the job")
            }
            return Held(lock)
        }
        held.withLock { $0[job] = lock }
    }

    /// Ends the lock of a job; of one without a lock it changes nothing.
    func unlock(_ job: JobID) async {
        let lock = held.withLock { $0.removeValue(forKey: job) }
        // The last reference closes a file, which can block.
        guard let lock else { return }
        try? await BlockingPool.markers.runUncancelled(within: .seconds(5)) { withExtendedLifetime(lock) {} }
    }
}
