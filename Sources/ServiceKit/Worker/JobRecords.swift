import AMQP
import Contracts
import Files

/// What the files of the downloads volume contain about the job of a delivery.
struct JobFacts: Sendable {
    /// The generation in which the job got its file in the library, or ended as a duplicate. `nil` at the last stage, which
    /// finds its own result.
    var finishedGeneration: Int?
    /// Whether the job's file is in the library and the last stage has yet to say so.
    var isInLibrary = false
    /// A person restarted the job: this generation has a successor.
    var isStale = false
    /// This message or another one ended the generation as a dead letter.
    var ending: Endings.Ending?
    /// An earlier run of this step was settled.
    var isSettled = false
    /// The work of the job continues in another process.
    var isLocked = false
    var stored: StoredOutcome?
    var history = RunHistory()
}

/// The files about jobs on the downloads volume: markers, claims, journals and stored outcomes.
struct JobRecords: Sendable {
    let staging: StagingArea
    let cancelled: CancelledJobs
    let claims: GenerationClaims
    let endings: Endings
    let outcomes: StoredOutcomes
    let locks: JobLocks
    let journal: ProcessJournal
    let crashes: CrashHistory

    init(_ staging: StagingArea) {
        self.staging = staging
        cancelled = CancelledJobs(staging)
        claims = GenerationClaims(staging)
        endings = Endings(staging)
        outcomes = StoredOutcomes(staging: staging)
        locks = JobLocks(staging)
        journal = ProcessJournal(staging)
        crashes = CrashHistory(staging)
    }

    /// Reads everything about the job of a delivery. Blocks.
    /// - Throws: `JobError` when the volume cannot be read.
    func facts(of delivered: JobRun) throws(JobError) -> JobFacts {
        var facts = JobFacts()
        let run = delivered.identity
        let finished = try staging.finishedGeneration(of: run.job)
        if run.stage.next != nil { facts.finishedGeneration = finished } else { facts.isInLibrary = finished != nil }
        facts.isStale = try claims.isStale(run.job, generation: run.generation)
        facts.ending = try endings.ending(of: run.jobGeneration, for: delivered.messageID)
        do {
            // In this order: a run stores its outcome before its lock ends.
            facts.isLocked = locks.isLocked(run.job)
            facts.stored = try outcomes.outcome(of: run)
            let isRepeated = delivered.delivery.redelivered
            facts.history = try crashes.history(of: delivered.step, isRepeated: isRepeated)
            facts.isSettled = isRepeated && (facts.history.isSettled || journal.hasSettled(delivered.step))
        } catch {
            throw JobError(error)
        }
        return facts
    }
}
