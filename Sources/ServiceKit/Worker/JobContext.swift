public import Contracts
public import Logging

/// What a handler is given beside the job.
public struct JobContext: Sendable {
    public let stage: Stage
    /// This attempt at the stage, from 1.
    public let attempt: Int
    /// How often an operator sent the job back to work.
    public let requeues: Int
    /// Names the process in events and dead letters.
    public let worker: String
    /// Carries the job's id and stage.
    public let logger: Logger
    private let tell: @Sendable (JobNote) -> Void
    private let report: @Sendable (_ done: Int64, _ total: Int64?) -> Void
    private let renewal: @Sendable () -> Void

    public init(
        stage: Stage, attempt: Int, requeues: Int = 0, worker: String, logger: Logger,
        renewal: @escaping @Sendable () -> Void = {},
        tell: @escaping @Sendable (JobNote) -> Void = { _ in },
        report: @escaping @Sendable (_ done: Int64, _ total: Int64?) -> Void
    ) {
        self.stage = stage
        self.attempt = attempt
        self.requeues = requeues
        self.worker = worker
        self.logger = logger
        self.renewal = renewal
        self.tell = tell
        self.report = report
    }

    /// Says how far the work has come, in bytes. Renews the visibility timeout when `done` has grown; call it as often
    /// as is convenient.
    public func progress(done: Int64, total: Int64?) { report(done, total) }

    /// Renews the visibility timeout for work whose progress cannot be told in bytes, such as an answer that is waited
    /// for. Counts only so often for a job: one that hangs is stopped all the same.
    public func renew() { renewal() }

    /// Says what the work is about at the moment. Does not renew the visibility timeout; call it as often as is
    /// convenient.
    public func activity(_ phase: TransferPhase, peer: String? = nil, place: Int? = nil) {
        tell(.activity(phase, peer: peer, place: place))
    }

    /// Puts a line into the job's history, for people; at most ``JobNote/mostSteps`` for each call of the handler.
    public func step(_ message: String) { tell(.step(message)) }
}

/// Something told about running work, beside bytes.
public enum JobNote: Sendable, Equatable {
    /// Further steps of one call of a handler are not told: a history is read by people.
    public static let mostSteps = 60

    case activity(TransferPhase, peer: String?, place: Int?)
    case step(String)
}
