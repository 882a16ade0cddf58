import Contracts

extension JobEvent {
    /// Creates the event of a job whose message is gone. The gateway knows the job's key and names.
    /// - Parameter record: the job's dead letter, if its event did not arrive.
    init(missing job: ActiveJob, _ record: DeadLetterRecord?, worker: String) {
        self.init(.deadLettered, of: job, at: job.stage, state: .deadLetter, worker)
        code = record.flatMap { ErrorCode(rawValue: $0.reason) } ?? .internalError
        let lost =
            "the broker no longer has the message of this job, for example because a queue was purged; retry the job, or "
            + "submit it again"
        // A dead letter is requeued from the index. Without one, only the gateway can restart the job.
        if record == nil { isMessageLost = true }
        message = (record?.error ?? lost).prefix(utf8: JobError.longestMessage)
    }

    /// Creates the event of a job whose file is in the library. The event of the move stage did not arrive.
    init(finished job: ActiveJob, worker: String) {
        self.init(.completed, of: job, at: .move, state: .completed, worker)
        message = "the recording is in the library; the event of the move did not arrive"
    }

    private init(_ name: Name, of job: ActiveJob, at stage: Stage, state: JobState, _ worker: String) {
        let document = JobDocument(jobID: job.jobID, dedupeKey: "", track: Track(artist: "", title: ""))
        self.init(
            name, of: document, at: stage, state: state, hop: JobEvent.lastHop, requeues: job.generation, attempt: 1,
            worker: worker)
    }
}
