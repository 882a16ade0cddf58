import Contracts
import Foundation

/// The markers of generations that ended as a dead letter: `<downloads>/.harmony/ended/<job id>.<generation>`.
///
/// A crash between a confirm and an ack can leave two messages of one step. Only the message that created the marker ends
/// the generation; the other one is dropped. So a job has one dead letter for each generation. The marker contains the
/// error, because the decision is final: after a crash the same message ends with it and is not processed again. All
/// functions block.
struct Endings: Sendable {
    /// The ending of a generation.
    struct Ending: Sendable, Equatable {
        /// Whether the message itself ended the generation.
        var isOwn: Bool
        var error: JobError
    }

    private struct Note: Codable {
        var code: ErrorCode
        var message: String
    }

    private let markers: ExclusiveMarkers

    init(_ staging: StagingArea) { markers = ExclusiveMarkers("ended", staging) }

    /// Marks a generation as ended, durably.
    /// - Parameter message: identifies the message that ends it.
    /// - Returns: `false` when another message ended it.
    func end(_ generation: JobGeneration, by message: String, _ error: JobError) throws(JobError) -> Bool {
        let note = try? ContractCoding.encode(Note(code: error.code, message: error.message))
        return try markers.claim(
            name(generation), for: message, note: note.map { String(decoding: $0, as: UTF8.self) } ?? "")
    }

    /// Passes the ending of a generation to another message with the same job, durably. Nothing happens if the first
    /// message did not end it.
    func pass(_ generation: JobGeneration, from message: String, to other: String) throws(JobError) {
        try markers.pass(name(generation), from: message, to: other)
    }

    /// Returns the ending of a generation; `nil` when it has none.
    func ending(of generation: JobGeneration, for message: String) throws(JobError) -> Ending? {
        guard let (isOwn, text) = try markers.note(of: name(generation), claimant: message) else { return nil }
        let note = try? ContractCoding.decode(Note.self, from: Data(text.utf8))
        let error = note.map { JobError($0.code, $0.message) }
        return Ending(isOwn: isOwn, error: error ?? JobError(.internalError, "the job ended before a crash"))
    }

    private func name(_ generation: JobGeneration) -> String { "\(generation.job).\(generation.requeues)" }
}
