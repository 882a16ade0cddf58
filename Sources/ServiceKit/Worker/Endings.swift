import Contracts

/// The markers of generations that ended as a dead letter: `<downloads>/.harmony/ended/<job id>.<generation>`.
///
/// A crash between a confirm and an ack can leave two messages of one step. Only the message that created the marker ends
/// the generation; the other one is dropped. So a job has one dead letter for each generation. All functions block.
struct Endings: Sendable {
    private let markers: ExclusiveMarkers

    init(_ staging: StagingArea) { markers = ExclusiveMarkers("ended", staging) }

    /// Marks a generation as ended, durably.
    /// - Parameter message: identifies the message that ends it.
    /// - Returns: `false` when another message ended it.
    func end(_ generation: JobGeneration, by message: String) throws(JobError) -> Bool {
        try markers.claim(name(generation), for: message)
    }

    /// Whether another message ended the generation.
    func isEnded(_ generation: JobGeneration, byOtherThan message: String) throws(JobError) -> Bool {
        try markers.isClaimed(name(generation), byOtherThan: message)
    }

    private func name(_ generation: JobGeneration) -> String { "\(generation.job).\(generation.requeues)" }
}
