/// A dead letter that a request did not change, with the reason.
public struct SkippedDeadLetter: Error, Codable, Sendable, Equatable {
    /// The raw values are part of the API.
    public enum Reason: String, Codable, Sendable, CaseIterable {
        /// It was requeued before, or its job was restarted or cancelled.
        case alreadyQueued = "already_queued"
        /// It is in no dead-letter queue: it was dropped or moved with other tools.
        case notDeadLetter = "not_dead_letter"
        /// Its body is not a job document.
        case invalidDocument = "invalid_document"
        /// Another client holds the message at the moment. Repeat the request later.
        case heldElsewhere = "held_elsewhere"
        /// Its queue is deeper than one pass reads, and the part that is read does not have the message.
        case notIndexed = "not_indexed"
        /// The broker did not confirm the message, so it stays in its queue. Repeat the request.
        case enqueueFailed = "enqueue_failed"
        /// The connection was lost, so the message stays in its queue. Repeat the request.
        case purgeFailed = "purge_failed"
    }

    public let id: String
    public let reason: Reason

    public init(id: String, reason: Reason) {
        self.id = id
        self.reason = reason
    }
}

/// The response to ``RequeueRequest``.
public struct RequeueResponse: Codable, Sendable, Equatable {
    /// The ids that were requeued; with ``dryRun``, those that would be.
    public var requeued: [String]
    public var skipped: [SkippedDeadLetter]
    public var dryRun: Bool

    public init(requeued: [String], skipped: [SkippedDeadLetter], dryRun: Bool) {
        self.requeued = requeued
        self.skipped = skipped
        self.dryRun = dryRun
    }

    enum CodingKeys: String, CodingKey {
        case requeued, skipped
        case dryRun = "dry_run"
    }
}

/// The response to ``PurgeRequest``.
public struct PurgeResponse: Codable, Sendable, Equatable {
    /// The number of dead letters that were dropped; with ``dryRun``, of those that would be.
    public var purged: Int
    public var ids: [String]
    public var skipped: [SkippedDeadLetter]
    public var dryRun: Bool

    public init(ids: [String], skipped: [SkippedDeadLetter], dryRun: Bool) {
        purged = ids.count
        self.ids = ids
        self.skipped = skipped
        self.dryRun = dryRun
    }

    enum CodingKeys: String, CodingKey {
        case purged, ids, skipped
        case dryRun = "dry_run"
    }
}

/// The numbers of dead letters: the response to `GET /api/v1/dlq/stats`.
public struct DeadLetterStats: Codable, Sendable, Equatable {
    /// Messages that are ready in the dead-letter queues.
    public var total: Int
    public var byReason: [String: Int]
    /// By dead-letter queue: the stages, and `invalid`.
    public var byStage: [String: Int]
    public var last24h: Int
    /// Messages in the dead-letter queues whose job was restarted. They are removed and never run.
    public var stale: Int?

    public init(total: Int, byReason: [String: Int], byStage: [String: Int], last24h: Int) {
        self.total = total
        self.byReason = byReason
        self.byStage = byStage
        self.last24h = last24h
    }

    enum CodingKeys: String, CodingKey {
        case total, stale
        case byReason = "by_reason"
        case byStage = "by_stage"
        case last24h = "last_24h"
    }
}

/// The envelope of the dead-letter API: `{"ok": true, "data": …, "error": null}`.
public struct DataEnvelope<Value: Codable & Sendable>: Codable, Sendable {
    public let data: Value

    public init(data: Value) { self.data = data }

    enum CodingKeys: String, CodingKey { case ok, data, error }

    public init(from decoder: any Decoder) throws {
        data = try decoder.container(keyedBy: CodingKeys.self).decode(Value.self, forKey: .data)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(true, forKey: .ok)
        try fields.encode(data, forKey: .data)
        try fields.encodeNil(forKey: .error)
    }
}
