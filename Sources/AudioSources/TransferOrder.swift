public import Contracts
public import Foundation

/// An order to fetch the file of one candidate for a job.
public struct TransferOrder: Sendable {
    public var candidate: Candidate
    public var job: JobID
    /// Belongs to this job alone.
    public var directory: URL
    /// Part of the transfer's identity: orders of different rounds are different transfers.
    public var round = "1"
    /// Earlier rounds that may have ordered the same file. Their transfers are adopted.
    public var earlierRounds: [String] = []
    /// Orders with a higher priority start first.
    public var priority = 0
    /// Whether the job has other candidates, so that a long wait for this one is not worth it.
    public var hasAlternatives = false
    /// When the job started to fetch this candidate; `nil` on the first delivery.
    public var since: Timestamp?
    /// How long to wait while other transfers have precedence.
    public var patience: Duration = .seconds(20)
    /// How long to follow a transfer that is in a queue, the first time. A wait in a queue can take hours, and others can
    /// run meanwhile. Later it is followed only until its place is known.
    public var stay: Duration = .seconds(5)
    /// When to stop following a transfer that goes on elsewhere; `nil` for no limit.
    public var holdEnds: ContinuousClock.Instant?

    public init(_ candidate: Candidate, job: JobID, into directory: URL) {
        self.candidate = candidate
        self.job = job
        self.directory = directory
    }
}

/// How following a transfer ended.
public enum TransferResult: Sendable, Equatable {
    case acquired(AcquiredFile)
    /// ``TransferOrder/holdEnds`` is reached and nothing was ended. The same order continues the transfer.
    case handedBack
    /// The transfer continues elsewhere and its end cannot be predicted. Order it again later. Holds the reason.
    case pending(String, wait: JobEvent.Wait? = nil)
    /// The transfer has not started because others have precedence. Order it again later. Holds the reason.
    case throttled(String, wait: JobEvent.Wait? = nil)
    /// The source cannot be used now; the candidate is not at fault. When `isLost`, order it in a new round.
    case sourceUnavailable(SourceError, isLost: Bool)
}

/// A change of a transfer that is followed.
public enum TransferStep: Sendable, Equatable {
    case ordered
    /// A transfer that was already running is continued.
    case adopted
    case queued(place: Int?)
    case progress(TransferProgress)
    case stalled
}
