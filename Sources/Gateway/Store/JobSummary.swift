import Contracts
import Foundation
import GRDB

/// A job as lists show it.
struct JobSummary: Encodable, Sendable, Equatable {
    var jobID: JobID
    var batchID: String?
    var kind: JobKind
    var requestedBy: String?
    var dedupeKey: String
    /// Absent for a job that is known from its events alone.
    var priority: Int?
    var artist: String
    var title: String
    var album: String?
    var state: JobState
    /// The stage that was heard of last.
    var stage: Stage
    var attempt: Int
    /// The process that was heard of last.
    var worker: String?
    var code: ErrorCode?
    var message: String?
    /// When a waiting job runs again.
    var notBefore: Timestamp?
    /// Where the file is in the library.
    var path: String?
    var submittedAt: Timestamp
    var updatedAt: Timestamp
    var endedAt: Timestamp?
    /// `true` for a job that waits instead of dying; else absent.
    var standing: Bool?
    /// How often it was put off.
    var standingTries: Int?
    /// How far the present stage has come, where that is known; never for a job that has ended.
    var progress: JobProgress?

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

    init?(_ row: Row) {
        guard let jobID = JobID(row["job_id"] as String), let kind = JobKind(rawValue: row["kind"]),
            let state = JobState(rawValue: row["state"]), let stage = Stage(rawValue: row["stage"])
        else { return nil }
        self.jobID = jobID
        batchID = row["batch_id"]
        self.kind = kind
        requestedBy = row["requested_by"]
        dedupeKey = row["dedupe_key"]
        priority = row["priority"]
        artist = row["artist"]
        title = row["title"]
        album = row["album"]
        self.state = state
        self.stage = stage
        attempt = row["attempt"]
        worker = row["worker"]
        code = (row["code"] as String?).flatMap { ErrorCode(rawValue: $0) }
        message = row["message"]
        notBefore = row.moment("not_before")
        path = row["path"]
        submittedAt = Timestamp(milliseconds: row["submitted_at"])
        updatedAt = Timestamp(milliseconds: row["updated_at"])
        endedAt = row.moment("ended_at")
        standing = row["standing"] ? true : nil
        standingTries = row["standing_tries"]
    }
}

/// A job with all that is known of it.
struct JobDetail: Encodable, Sendable {
    var summary: JobSummary
    /// As it was submitted; absent for a job that is known from its events alone.
    var document: JobDocument?
    var timeline: [TimelineEntry]

    enum CodingKeys: String, CodingKey {
        case track, force, timeline
        case expiresAt = "expires_at"
    }

    func encode(to encoder: any Encoder) throws {
        try summary.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encodeIfPresent(document?.track, forKey: .track)
        try fields.encodeIfPresent(document?.force, forKey: .force)
        try fields.encodeIfPresent(document?.expiresAt, forKey: .expiresAt)
        try fields.encode(timeline, forKey: .timeline)
    }
}

/// One event in the history of a job.
struct TimelineEntry: Encodable, Sendable, Equatable {
    var eventID: String
    var event: String
    var stage: String
    var state: String
    var sequence: Int
    var attempt: Int
    var worker: String
    var code: String?
    var message: String?
    var notBefore: Timestamp?
    var data: [String: JSONValue]?
    var at: Timestamp

    enum CodingKeys: String, CodingKey {
        case event, stage, state, sequence, attempt, worker, code, message, data, at
        case eventID = "event_id"
        case notBefore = "not_before"
    }

    init(_ row: Row) {
        eventID = row["event_id"]
        event = row["event"]
        stage = row["stage"]
        state = row["state"]
        sequence = row["sequence"]
        attempt = row["attempt"]
        worker = row["worker"]
        code = row["code"]
        message = row["message"]
        notBefore = row.moment("not_before")
        data = (row["data"] as String?).flatMap {
            try? ContractCoding.decode([String: JSONValue].self, from: Data($0.utf8))
        }
        at = Timestamp(milliseconds: row["at"])
    }
}

extension Row {
    /// A moment that may be absent.
    fileprivate func moment(_ column: String) -> Timestamp? {
        (self[column] as Int64?).map { Timestamp(milliseconds: $0) }
    }
}
