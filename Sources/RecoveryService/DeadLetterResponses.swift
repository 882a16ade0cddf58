import Contracts
import ServiceKit

/// The envelope of an answer: `{"ok": true, "data": …, "error": null}`.
struct Answer<Value: Encodable & Sendable>: Encodable, Sendable {
    let data: Value

    enum CodingKeys: String, CodingKey { case ok, data, error }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(true, forKey: .ok)
        try fields.encode(data, forKey: .data)
        try fields.encodeNil(forKey: .error)
    }
}

/// A page of dead letters.
struct DeadLetterPage: Encodable, Sendable {
    var items: [DeadLetterItem]
    var page: Int
    var pageSize: Int
    var total: Int

    enum CodingKeys: String, CodingKey {
        case items, page, total
        case pageSize = "page_size"
    }
}

/// A dead letter as the API shows it.
struct DeadLetterItem: Encodable, Sendable {
    var id: String
    var entity = "download"
    var reason: String
    var message: String
    var createdAt: String
    var updatedAt: String
    var retryCount: Int
    var jobID: String?
    var batchID: String?
    var kind: String?
    var artist: String?
    var title: String?
    var stage: String?
    var queue: String
    var presence: Presence
    var requeues: Int
    var priority: Int?
    var worker: String?
    var deadAt: String?

    enum CodingKeys: String, CodingKey {
        case id, entity, reason, message, kind, artist, title, stage, queue, presence, requeues, priority, worker
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case retryCount = "retry_count"
        case jobID = "job_id"
        case batchID = "batch_id"
        case deadAt = "dead_at"
    }

    init(_ entry: IndexedDeadLetter) {
        let record = entry.record
        id = record.id
        reason = record.reason
        message = record.error
        createdAt = entry.createdAt
        updatedAt = entry.updatedAt
        retryCount = max(0, record.attempt - 1)
        jobID = record.jobID
        batchID = record.batchID
        kind = record.kind
        artist = record.artist
        title = record.title
        stage = record.stage
        queue = record.queue
        presence = entry.presence
        requeues = record.requeues
        priority = record.priority
        worker = record.worker
        deadAt = record.deadAt
    }
}

/// The answer to a requeue.
struct RequeueResponse: Encodable, Sendable {
    var requeued: [String]
    var skipped: [Skip]
    var dryRun: Bool

    enum CodingKeys: String, CodingKey {
        case requeued, skipped
        case dryRun = "dry_run"
    }

    init(_ result: OperatorResult) {
        requeued = result.done.sorted()
        skipped = result.skipped
        dryRun = result.dryRun
    }
}

/// The answer to a purge.
struct PurgeResponse: Encodable, Sendable {
    /// How many were dropped, or would be.
    var purged: Int
    var ids: [String]
    var skipped: [Skip]
    var dryRun: Bool

    enum CodingKeys: String, CodingKey {
        case purged, ids, skipped
        case dryRun = "dry_run"
    }

    init(_ result: OperatorResult) {
        purged = result.done.count
        ids = result.done.sorted()
        skipped = result.skipped
        dryRun = result.dryRun
    }
}
