public import Contracts
public import Foundation

/// A source whose transfers go on by themselves elsewhere, also while nobody follows them.
public protocol TransferSource: FetchSource {
    /// Goes on with the transfer that the order stands for, or begins it, and follows it.
    ///
    /// The same order a second time, also after the process was killed, goes on with the same transfer. When the task is
    /// cancelled the transfer goes on elsewhere.
    /// - Throws: ``SourceError`` when the candidate is given up, its transfer having been ended; `CancellationError`.
    func follow(
        _ order: TransferOrder, report: @escaping @Sendable (TransferStep) -> Void
    ) async throws -> TransferResult

    /// Ends the transfers that were ordered for a job, by whichever process and in whichever round, and removes what they
    /// left. Nothing of the job may be followed any more.
    /// - Throws: ``SourceError`` when that has to be tried again later.
    func abandon(_ candidates: [Candidate], of job: JobID) async throws
}

/// A file that a job wants to have fetched.
public struct TransferOrder: Sendable {
    public var candidate: Candidate
    public var job: JobID
    /// Belongs to this job alone.
    public var directory: URL
    /// Orders of another round are other transfers.
    public var round = "1"
    /// The rounds before in which the same may have been ordered: what is left of them is gone on with.
    public var earlierRounds: [String] = []
    /// Higher ones go first.
    public var priority = 0
    /// There are other candidates: it is worth less to wait for this one.
    public var hasAlternatives = false
    /// When the fetching of this candidate began, on an earlier delivery of the job.
    public var since: Timestamp?
    /// How long to stay with a transfer of which nobody can say when it begins.
    public var patience: Duration = .seconds(60)

    public init(_ candidate: Candidate, job: JobID, into directory: URL) {
        self.candidate = candidate
        self.job = job
        self.directory = directory
    }
}

/// What following a transfer came to.
public enum TransferResult: Sendable {
    case acquired(AcquiredFile)
    /// It is alive, and nobody can say when it ends: order it again after a while. Why, for a person.
    case pending(String)
    /// It has not begun, as others come first: order it again after a while. Why, for a person.
    case throttled(String)
    /// The source is away, which is nobody's fault here. A transfer that was lost by that is ordered in a new round.
    case sourceUnavailable(SourceError, isLost: Bool)
}

/// Something to tell about a transfer.
public enum TransferStep: Sendable, Equatable {
    case ordered
    /// One that ran already is gone on with.
    case adopted
    case queued(place: Int?)
    case progress(TransferProgress)
    case stalled
}
