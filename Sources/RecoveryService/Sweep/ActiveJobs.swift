import Contracts
import Foundation

/// The gateway's view of the jobs that have not ended.
protocol ActiveJobs: Sendable {
    /// Returns how many active jobs must have a message in the broker.
    func count() async throws -> Int

    /// Returns active jobs that must have a message in the broker.
    /// - Parameters:
    ///   - time: nothing was heard of them since then.
    ///   - limit: the most jobs that are returned.
    ///   - include: selects jobs.
    func quiet(
        since time: Timestamp, limit: Int, where include: @Sendable (ActiveJob) -> Bool
    ) async throws -> [ActiveJob]

    /// Sends jobs whose messages are in the broker, so that the gateway enters those that it does not know.
    func report(_ jobs: [FoundJob]) async throws
}

/// A job that has not ended.
struct ActiveJob: Codable, Sendable, Equatable {
    var number: Int64
    var jobID: JobID
    var stage: Stage
    /// How often the job was restarted.
    var generation: Int
    /// The sequence number of the last event.
    var sequence: Int
    /// When the last event arrived.
    var updatedAt: Timestamp
    /// Where the job is if no queue has to have it: `outbox` or `review`.
    var heldBy: String?

    enum CodingKeys: String, CodingKey {
        case number, stage, generation, sequence
        case jobID = "job_id"
        case updatedAt = "updated_at"
        case heldBy = "held_by"
    }
}

/// A job whose message is in a queue.
struct FoundJob: Sendable, Equatable {
    /// The document, byte for byte.
    var body: Data
    var stage: Stage
    /// How often the job was restarted.
    var generation = 0

    /// The item of `POST /api/v1/internal/known-jobs`. It is not encoded as a value: that would lose what a document of
    /// another program contains beyond the contract, such as the spelling of its numbers.
    var json: Data {
        let byteOrderMark = Data([0xEF, 0xBB, 0xBF])
        let body = body.starts(with: byteOrderMark) ? body.dropFirst(byteOrderMark.count) : body
        return Data(#"{"stage":"\#(stage.rawValue)","generation":\#(generation),"job":"#.utf8) + body + Data("}".utf8)
    }
}
