public import Contracts
import Databases
import GRDB

/// A job as lists show it.
public struct JobSummary: Encodable, Sendable, Equatable {
    public var jobID: JobID
    public var batchID: String?
    public var kind: JobKind
    public var requestedBy: String?
    public var dedupeKey: String
    /// `nil` for a job of which only events are known.
    public var priority: Int?
    public var artist: String
    public var title: String
    public var album: String?
    public var state: JobState
    /// The stage of the last event.
    public var stage: Stage
    public var attempt: Int
    /// The process of the last event.
    public var worker: String?
    public var code: ErrorCode?
    public var message: String?
    /// When a waiting job continues.
    public var notBefore: Timestamp?
    /// The path of the file in the library.
    public var path: String?
    public var submittedAt: Timestamp
    public var updatedAt: Timestamp
    public var endedAt: Timestamp?
    /// `true` for a monitored job, else `nil`.
    public var standing: Bool?
    /// How often a monitored job was rescheduled.
    public var standingTries: Int?
    /// The progress of the present stage, if known; `nil` for a job that has ended.
    public var progress: JobProgress?

    enum CodingKeys: String, CodingKey {
        case kind, priority, artist, title, album, state, stage, attempt, worker, code, message, path, progress
        case standing
        case jobID = "job_id"
        case batchID = "batch_id"
        case requestedBy = "requested_by"
        case dedupeKey = "dedupe_key"
        case notBefore = "not_before"
        case submittedAt = "submitted_at"
        case updatedAt = "updated_at"
        case endedAt = "ended_at"
        case standingTries = "standing_tries"
    }

    init(_ row: Row) throws {
        jobID = try row.jobID("job_id")
        batchID = try row.optionalValue("batch_id")
        kind = try row.enumeration("kind")
        requestedBy = try row.optionalValue("requested_by")
        dedupeKey = try row.value("dedupe_key")
        priority = try row.optionalValue("priority")
        artist = try row.value("artist")
        title = try row.value("title")
        album = try row.optionalValue("album")
        state = try row.enumeration("state")
        stage = try row.enumeration("stage")
        attempt = try row.value("attempt")
        worker = try row.optionalValue("worker")
        code = try row.optionalValue("code").flatMap { ErrorCode(rawValue: $0) }
        message = try row.optionalValue("message")
        notBefore = try row.optionalTime("not_before")
        path = try row.optionalValue("path")
        submittedAt = try row.time("submitted_at")
        updatedAt = try row.time("updated_at")
        endedAt = try row.optionalTime("ended_at")
        standing = try row.value("standing") ? true : nil
        standingTries = try row.optionalValue("standing_tries")
    }
}
