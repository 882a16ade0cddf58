public import Contracts
import Databases
import Foundation
import GRDB

/// A job with its document and its timeline.
public struct JobDetail: Encodable, Sendable {
    public var summary: JobSummary
    /// The document as it was submitted; `nil` for a job of which only events are known.
    public var document: JobDocument?
    /// What the stages decided: the latest sections by name.
    public var sections: [String: JSONValue]
    public var timeline: [TimelineEntry]

    enum CodingKeys: String, CodingKey {
        case track, force, sections, timeline
        case expiresAt = "expires_at"
    }

    public func encode(to encoder: any Encoder) throws {
        try summary.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encodeIfPresent(document?.track, forKey: .track)
        try fields.encodeIfPresent(document?.force, forKey: .force)
        try fields.encodeIfPresent(document?.expiresAt, forKey: .expiresAt)
        if !sections.isEmpty { try fields.encode(sections, forKey: .sections) }
        try fields.encode(timeline, forKey: .timeline)
    }
}

/// One event in the timeline of a job.
public struct TimelineEntry: Encodable, Sendable, Equatable {
    public var eventID: String
    public var event: String
    public var stage: String
    public var state: String
    public var sequence: Int
    public var attempt: Int
    public var worker: String
    public var code: String?
    public var message: String?
    public var notBefore: Timestamp?
    public var data: [String: JSONValue]?
    public var at: Timestamp

    enum CodingKeys: String, CodingKey {
        case event, stage, state, sequence, attempt, worker, code, message, data, at
        case eventID = "event_id"
        case notBefore = "not_before"
    }

    init(_ row: Row) throws {
        eventID = try row.value("event_id")
        event = try row.value("event")
        stage = try row.value("stage")
        state = try row.value("state")
        sequence = try row.value("sequence")
        attempt = try row.value("attempt")
        worker = try row.value("worker")
        code = try row.optionalValue("code")
        message = try row.optionalValue("message")
        notBefore = try row.optionalTime("not_before")
        data = try? row.optionallyDecoded("data") { try ContractCoding.decode([String: JSONValue].self, from: $0) }
        at = try row.time("at")
    }
}
