public import Contracts

/// The work of one stage.
public protocol StageHandler: Sendable {
    var stage: Stage { get }

    /// Processes a job. After a crash or a lost connection it is called again for the same job, so a repetition must
    /// have the same effect as one call. The task is cancelled when there is no progress for the visibility timeout, when
    /// the job is cancelled, or on shutdown.
    /// - Throws: `JobError`, whose code decides between a retry and a dead letter; another error becomes a retry.
    func handle(_ job: JobDocument, _ context: JobContext) async throws -> Outcome

    /// Ends work that the handler started elsewhere for a job that was cancelled, such as a transfer. The worker then
    /// removes the job's folder.
    ///
    /// It is called when a message of the job is delivered, even if the handler was never called, and again after a
    /// crash.
    /// - Returns: `false` when the job can no longer be cancelled and has to continue.
    /// - Throws: when the call has to be repeated later.
    func abandon(_ job: JobDocument) async throws -> Bool
}

extension StageHandler {
    public func abandon(_ job: JobDocument) async throws -> Bool { true }
}
