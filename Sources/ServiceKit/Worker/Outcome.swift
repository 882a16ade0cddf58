public import Contracts

/// The word in which a stage's work on a job ends.
public indirect enum Outcome: Sendable {
    /// On to the next stage, or to the end after the last. `data` goes into the event.
    case completed(JobDocument, data: [String: JSONValue] = [:])
    /// Again after a pause, while the budget lasts; then a dead letter. `from` names an earlier stage where the job has
    /// to begin anew because something it made is gone; `job` is what was found out so far.
    case retry(JobError, after: Duration? = nil, from: Stage? = nil, job: JobDocument? = nil)
    /// Again from an earlier stage at once, without spending an attempt: for what comes to an end by itself, such as the
    /// next of a few candidates.
    case restart(from: Stage, JobDocument, because: JobError)
    /// Again at a time, without spending an attempt; with what was found out so far, where `job` is given.
    case snooze(until: Timestamp, because: String, job: JobDocument? = nil)
    /// A person has to decide. `data` goes into the event.
    case review(JobDocument, because: String, data: [String: JSONValue] = [:])
    /// No attempt can help. `data` goes into the event.
    case deadLetter(JobError, data: [String: JSONValue] = [:])
    case cancelled(String)
    /// The library has it already.
    case duplicate(path: String?)

    /// The label of the outcome in metrics and logs.
    var name: String {
        switch self {
        case .completed: "done"
        case .retry: "retry"
        case .restart: "again"
        case .snooze: "wait"
        case .review: "review"
        case .deadLetter: "dead"
        case .cancelled: "cancelled"
        case .duplicate: "duplicate"
        }
    }

    /// What a thrown error means: the only place that decides between another attempt and a dead letter.
    public init(_ error: any Error) {
        guard let error = error as? JobError else {
            self = .retry(JobError(.internalError, "unexpected failure: \(String(describing: type(of: error)))"))
            return
        }
        switch error.code {
        case .invalidPayload, .noMatch, .noSource, .expired, .verificationFailed, .unsupportedFormat, .retryExhausted:
            self = .deadLetter(error)
        case .diskFull, .permissionDenied, .providerAuth, .providerUnavailable, .timeout, .internalError:
            self = .retry(error)
        }
    }
}

/// The work of one stage.
public protocol StageHandler: Sendable {
    var stage: Stage { get }

    /// Works on a job. Called again for the same job after a crash or a lost connection: doing it twice must leave the
    /// same world. The task is cancelled when the job makes no progress for the visibility timeout, or on shutdown.
    /// - Throws: ``JobError``, which becomes a retry or a dead letter by its code; other errors become a retry.
    func handle(_ job: JobDocument, _ context: JobContext) async throws -> Outcome

    /// Ends what the handler has begun elsewhere for a job that was cancelled; the job's folder is removed afterwards.
    /// Called where a message of the job is met, also when the handler was never called for it, and again after a crash.
    /// - Returns: `false` when the job is past cancelling and has to go on.
    /// - Throws: when it has to be tried again later.
    func abandon(_ job: JobDocument) async throws -> Bool
}

extension StageHandler {
    public func abandon(_ job: JobDocument) async throws -> Bool { true }
}
