public import Contracts
public import Logging

/// The data and functions that a handler receives beside the job.
public struct JobContext: Sendable {
    public let stage: Stage
    /// The number of this attempt at the stage, from 1.
    public let attempt: Int
    /// How often an operator requeued the job.
    public let requeues: Int
    /// The process, for events and dead letters.
    public let worker: String
    /// A logger whose lines contain the job's id and stage.
    public let logger: Logger
    /// When the delivery must be given back. A handler whose work goes on elsewhere returns `Outcome.handBack` before.
    public let holdEnds: ContinuousClock.Instant
    private let emit: @Sendable (JobUpdate) -> Void
    private let report: @Sendable (_ done: Int64, _ total: Int64?) -> Void
    private let renewal: @Sendable () -> Void

    public init(
        stage: Stage, attempt: Int, requeues: Int = 0, worker: String, logger: Logger,
        holdEnds: ContinuousClock.Instant = .now + .seconds(1200), renewal: @escaping @Sendable () -> Void = {},
        emit: @escaping @Sendable (JobUpdate) -> Void = { _ in },
        report: @escaping @Sendable (_ done: Int64, _ total: Int64?) -> Void
    ) {
        self.stage = stage
        self.attempt = attempt
        self.requeues = requeues
        self.worker = worker
        self.logger = logger
        self.holdEnds = holdEnds
        self.renewal = renewal
        self.emit = emit
        self.report = report
    }

    /// Reports the bytes that are done. Renews the visibility timeout if `done` has grown. May be called at any rate.
    public func progress(done: Int64, total: Int64?) { report(done, total) }

    /// Renews the visibility timeout for work that has no progress in bytes, such as a wait for a response.
    ///
    /// The number of renewals of a run is limited, so that work that hangs is stopped all the same.
    public func renew() { renewal() }

    /// Publishes what the work is doing at the moment. Does not renew the visibility timeout. May be called at any rate.
    public func activity(_ phase: TransferPhase, peer: String? = nil, place: Int? = nil) {
        emit(.activity(phase, peer: peer, place: place))
    }

    /// Adds a line for people to the job's timeline; at most ``JobUpdate/stepLimit`` for each call of the handler.
    public func step(_ message: String) { emit(.step(message)) }
}

/// An update about running work, other than bytes.
public enum JobUpdate: Sendable, Equatable {
    /// The most steps that are published for one call of a handler, so that people can read the timeline.
    public static let stepLimit = 60

    case activity(TransferPhase, peer: String?, place: Int?)
    case step(String)
}
