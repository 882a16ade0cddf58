public import Contracts

/// The claims of jobs' generations: a file for each restart, `<downloads>/.harmony/generations/<job id>.<number>`.
///
/// Whoever restarts a job claims the next generation before it publishes the message. The claim is an exclusive creation,
/// so that two restarts at the same time get different numbers. A message of a generation that has a successor is stale:
/// it is dropped wherever it arrives. The claims outlive the job's dead letters and need no database.
public struct GenerationClaims: Sendable {
    /// How many numbers are tried. No job is restarted that often.
    private static let mostProbed = 100_000

    private let markers: ExclusiveMarkers

    public init(_ staging: StagingArea) { markers = ExclusiveMarkers("generations", staging) }

    /// Claims a generation, durably. Blocks.
    /// - Parameter claimant: identifies the restart, such as the id of an operation. The same claimant gets the same
    ///   generation again, so that a restart can be repeated after a crash.
    /// - Returns: `false` when another claimant has the generation.
    public func claim(_ generation: Int, of job: JobID, claimant: String) throws(JobError) -> Bool {
        try markers.claim(name(job, generation), for: claimant)
    }

    /// Claims the first free generation after a known one. Blocks.
    /// - Parameter known: the latest generation that the caller knows. Others may have restarted the job since.
    /// - Returns: the claimed generation; the same as before when the claimant repeats its call.
    public func claimNext(of job: JobID, after known: Int, claimant: String) throws(JobError) -> Int {
        let first = max(0, known) + 1
        for generation in first..<(first + Self.mostProbed)
        where try claim(generation, of: job, claimant: claimant) { return generation }
        throw JobError(.internalError, "job \(job) was restarted more than \(Self.mostProbed) times")
    }

    /// Whether a later generation than this one was claimed. Blocks for a moment.
    /// - Throws: `JobError` when the volume cannot be read.
    public func isStale(_ job: JobID, generation: Int) throws(JobError) -> Bool {
        try markers.exists(name(job, generation + 1))
    }

    /// Job ids contain no dot, so the name is not that of another job.
    private func name(_ job: JobID, _ generation: Int) -> String { "\(job).\(generation)" }
}
