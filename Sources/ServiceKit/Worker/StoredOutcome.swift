import Contracts

/// The outcome of a run that could not be settled, because its delivery was lost or given back. The next delivery of the
/// job settles it instead of running again.
struct StoredOutcome: Codable, Sendable, Equatable {
    /// The words of ``Outcome/name``.
    enum Kind: String, Codable, Sendable {
        case completed = "done"
        case retry
        case restart = "again"
        case snooze = "wait"
        case handBack = "handed_back"
        case review
        case deadLetter = "dead"
        case cancelled, duplicate
    }

    struct Failure: Codable, Sendable, Equatable {
        var code: ErrorCode
        var message: String
    }

    var generation: Int
    var stage: Stage
    /// The hop at which the run began.
    var run: Int
    /// Whether the broker has the event and the message that follows already.
    var isPublished = false
    var kind: Kind
    var job: JobDocument?
    var data: [String: JSONValue]?
    var failure: Failure?
    var from: Stage?
    var afterMilliseconds: Int64?
    var until: Timestamp?
    var reason: String?
    var path: String?
    var wait: JobEvent.Wait?

    func isOf(_ run: RunIdentity) -> Bool { generation == run.generation && stage == run.stage && self.run == run.hop }
}

extension StoredOutcome {
    init(_ outcome: Outcome, of run: RunIdentity) {
        self.init(run, outcome.kind)
        switch outcome {
        case .completed(let job, let data): (self.job, self.data) = (job, data)
        case .retry(let error, let delay, let stage, let job):
            (failure, from, self.job) = (Failure(error), stage, job)
            afterMilliseconds = delay.map { Int64($0 / .milliseconds(1)) }
        case .restart(let stage, let job, let error): (from, self.job, failure) = (stage, job, Failure(error))
        case .snooze(let time, let reason, let wait, let job):
            (until, self.reason, self.wait, self.job) = (time, reason, wait, job)
        case .handBack(let job): self.job = job
        case .review(let job, let reason, let data): (self.job, self.reason, self.data) = (job, reason, data)
        case .deadLetter(let error, let data): (failure, self.data) = (Failure(error), data)
        case .cancelled(let reason): self.reason = reason
        case .duplicate(let path): self.path = path
        }
    }

    private init(_ run: RunIdentity, _ kind: Kind) {
        generation = run.generation
        stage = run.stage
        self.run = run.hop
        self.kind = kind
    }

    /// The outcome; `nil` when a part of it is missing.
    var outcome: Outcome? {
        let error = failure.map { JobError($0.code, $0.message) }
        switch kind {
        case .completed: return job.map { .completed($0, data: data ?? [:]) }
        case .retry:
            let delay = afterMilliseconds.map { Duration.milliseconds($0) }
            return error.map { .retry($0, after: delay, from: from, job: job) }
        case .restart:
            guard let from, let job, let error else { return nil }
            return .restart(from: from, job, because: error)
        case .snooze: return until.map { .snooze(until: $0, because: reason ?? "", wait: wait, job: job) }
        case .handBack: return job.map { .handBack($0) }
        case .review: return job.map { .review($0, because: reason ?? "", data: data ?? [:]) }
        case .deadLetter: return error.map { .deadLetter($0, data: data ?? [:]) }
        case .cancelled: return .cancelled(reason ?? "")
        case .duplicate: return .duplicate(path: path)
        }
    }
}

extension StoredOutcome.Failure {
    init(_ error: JobError) { self.init(code: error.code, message: error.message) }
}

extension Outcome {
    fileprivate var kind: StoredOutcome.Kind {
        switch self {
        case .completed: .completed
        case .retry: .retry
        case .restart: .restart
        case .snooze: .snooze
        case .handBack: .handBack
        case .review: .review
        case .deadLetter: .deadLetter
        case .cancelled: .cancelled
        case .duplicate: .duplicate
        }
    }
}
