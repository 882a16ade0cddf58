public import Contracts

/// How the work of a stage on a job ended.
public indirect enum Outcome: Sendable {
    /// The stage is done; the job goes to the next stage or is complete. `data` goes into the event.
    case completed(JobDocument, data: [String: JSONValue] = [:])
    /// The attempt failed. The job is tried again after a pause while the retry budget lasts; then it ends as a dead
    /// letter. `from` is an earlier stage where the job restarts because a file that it had produced no longer exists;
    /// `job` is the document with what was found so far.
    case retry(JobError, after: Duration? = nil, from: Stage? = nil, job: JobDocument? = nil)
    /// The job restarts at an earlier stage at once and uses no attempt. Only for restarts whose number is limited, such
    /// as the next of a few candidates.
    case restart(from: Stage, JobDocument, because: JobError)
    /// The stage is repeated at a given time and uses no attempt. `wait` describes the reason for programs; `job` is the
    /// document with what was found so far.
    case snooze(until: Timestamp, because: String, wait: JobEvent.Wait? = nil, job: JobDocument? = nil)
    /// The hold limit of the delivery is reached while the work goes on elsewhere. The job returns to its queue in a few
    /// seconds and uses no attempt. `job` is the document with what identifies the work.
    case handBack(JobDocument)
    /// A person has to decide. `data` goes into the event.
    case review(JobDocument, because: String, data: [String: JSONValue] = [:])
    /// Another attempt would fail as well. `data` goes into the event.
    case deadLetter(JobError, data: [String: JSONValue] = [:])
    case cancelled(String)
    /// The library already has the recording, in the file `path` if it is known.
    case duplicate(path: String?)

    /// The label of the outcome in metrics and logs. These words are a contract.
    var name: String {
        switch self {
        case .completed: "done"
        case .retry: "retry"
        case .restart: "again"
        case .snooze: "wait"
        case .handBack: "handed_back"
        case .review: "review"
        case .deadLetter: "dead"
        case .cancelled: "cancelled"
        case .duplicate: "duplicate"
        }
    }

    /// Translates a thrown error: the error's code alone decides between another attempt and a dead letter.
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
