public import Contracts
public import Foundation

/// A place where wanted recordings may be found and fetched from.
///
/// Every function may be called at any time, for any number of jobs at once.
public protocol AudioSource: Sendable {
    /// The name in settings and in ``Candidate/source``, such as `folder`.
    var name: String { get }

    /// Whether the source can be used now; the reason when not.
    func readiness() async -> SourceReadiness

    /// The kinds of questions that it has different answers for. One with an index of its own needs the track only.
    var rungs: Set<SearchRung> { get }

    /// Offers files that may be the wanted recording, the likeliest first: rather too many than too few, since the
    /// caller judges them. No offer is an answer, not an error.
    ///
    /// - Parameter query: Its rung is one of ``rungs``.
    /// - Throws: ``SourceError`` when the source could not answer.
    func search(_ query: SearchQuery, for wanted: Track, limit: Int) async throws -> [OfferedFile]

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

/// Whether a source can be used now.
public enum SourceReadiness: Sendable, Equatable {
    case ready
    /// The reason, for a person.
    case notReady(String)
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
