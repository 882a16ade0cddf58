public import Contracts
public import Foundation

/// A source that files can be fetched from.
///
/// A source implements ``acquire(_:job:into:progress:)`` and ``cancel(job:)``. A source whose transfers continue
/// without this process also implements ``follow(_:report:)`` and ``abandon(_:of:)``.
/// Every function can be called at any time, for any number of jobs at once.
public protocol FetchSource: AudioSource {
    /// Fetches the candidate's file into `directory` as a complete, durable file. It never changes the original.
    ///
    /// A second call for the same job returns the same file, also after the process was killed.
    ///
    /// - Parameters:
    ///   - directory: Belongs to this job alone. The source creates it when it is missing.
    ///   - progress: Called repeatedly, on any thread, never after the function has returned.
    /// - Throws: ``SourceError``, or `CancellationError` after ``cancel(job:)`` or when the task is cancelled.
    func acquire(
        _ candidate: Candidate, job: JobID, into directory: URL,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws -> AcquiredFile

    /// Ends the running transfers of a job in this process and discards what they fetched.
    func cancel(job: JobID) async

    /// Starts or adopts the transfer of an order, and follows it.
    ///
    /// The same order adopts the same transfer, also after the process was killed. A transfer that runs elsewhere
    /// continues when the task is cancelled. The default fetches the file with ``acquire(_:job:into:progress:)``.
    /// - Throws: ``SourceError`` when the candidate failed and its transfer was ended; `CancellationError`.
    func follow(
        _ order: TransferOrder, report: @escaping @Sendable (TransferStep) -> Void
    ) async throws -> TransferResult

    /// Ends the transfers of a job that any process ordered, in any round, and removes their files.
    ///
    /// No transfer of the job may be followed at the same time. The default does nothing: the transfers of the source
    /// end with the process that ordered them.
    /// - Throws: ``SourceError`` when the call must be repeated later.
    func abandon(_ candidates: [Candidate], of job: JobID) async throws
}

extension FetchSource {
    public func follow(
        _ order: TransferOrder, report: @escaping @Sendable (TransferStep) -> Void
    ) async throws -> TransferResult {
        let file = try await acquire(order.candidate, job: order.job, into: order.directory) { report(.progress($0)) }
        return .acquired(file)
    }

    public func abandon(_ candidates: [Candidate], of job: JobID) async throws {}
}

/// Bytes transferred so far, and in total.
public struct TransferProgress: Sendable, Equatable {
    public var transferred: Int64
    public var total: Int64

    public init(transferred: Int64, total: Int64) {
        self.transferred = transferred
        self.total = total
    }
}

/// A fetched file that is complete and durable.
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
