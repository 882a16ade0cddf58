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
    private let report: @Sendable (_ done: Int64, _ total: Int64?) -> Void

    public init(
        stage: Stage, attempt: Int, requeues: Int = 0, worker: String, logger: Logger,
        report: @escaping @Sendable (_ done: Int64, _ total: Int64?) -> Void
    ) {
        self.stage = stage
        self.attempt = attempt
        self.requeues = requeues
        self.worker = worker
        self.logger = logger
        self.report = report
    }

    /// Says how far the work has come, in bytes. Renews the visibility timeout when `done` has grown; call it as often
    /// as is convenient.
    public func progress(done: Int64, total: Int64?) { report(done, total) }
}
