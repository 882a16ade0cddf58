public import Contracts
public import Foundation

/// A source that recordings can be fetched from.
///
/// Every function may be called at any time, for any number of jobs at once.
public protocol FetchSource: AudioSource {
    /// Brings the candidate's file into `directory` as a complete, durable file; never touches the original.
    ///
    /// Calling it again for the same job, also after the process was killed, ends in the same one file.
    ///
    /// - Parameters:
    ///   - directory: Belongs to this job alone; it is made when it is missing.
    ///   - progress: Called from time to time, on any thread, never after the function has returned.
    /// - Throws: ``SourceError``, or `CancellationError` after ``cancel(job:)`` or when the task is cancelled.
    func acquire(
        _ candidate: Candidate, job: JobID, into directory: URL,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws -> AcquiredFile

    /// Ends the transfers of a job, if there are any; what was fetched so far is given up.
    func cancel(job: JobID) async
}

/// How far a transfer has come, in bytes.
public struct TransferProgress: Sendable, Equatable {
    public var transferred: Int64
    public var total: Int64

    public init(transferred: Int64, total: Int64) {
        self.transferred = transferred
        self.total = total
    }
}

/// A file that was brought in: complete, and on the disk.
public struct AcquiredFile: Sendable, Equatable {
    public var file: URL
    /// Bytes.
    public var size: Int64
    /// Lower-case hexadecimal.
    public var sha256: String

    public init(file: URL, size: Int64, sha256: String) {
        self.file = file
        self.size = size
        self.sha256 = sha256
    }
}
