/// A dead letter, as `GET /api/v1/dlq` of the recovery service returns it.
public struct DeadLetterItem: Codable, Sendable, Equatable {
    /// The message id, or a digest of the body if the publisher set none.
    public var id: String
    public var entity = "download"
    public var reason: String
    public var message: String
    public var createdAt: String
    public var updatedAt: String
    public var retryCount: Int
    public var jobID: String?
    public var batchID: String?
    public var kind: String?
    public var artist: String?
    public var title: String?
    /// The stage in which the job ended, or `intake`.
    public var stage: String?
    /// The dead-letter queue that holds the message.
    public var queue: String
    public var presence: DeadLetterPresence
    /// How often the message was requeued.
    public var requeues: Int
    public var priority: Int?
    public var worker: String?
    /// The time of the failure, as in RFC 3339; `nil` if the message does not contain it.
    public var deadAt: String?

    public init(
        id: String, reason: String, message: String, createdAt: String, updatedAt: String, retryCount: Int,
        queue: String, presence: DeadLetterPresence, requeues: Int
    ) {
        self.id = id
        self.reason = reason
        self.message = message
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.retryCount = retryCount
        self.queue = queue
        self.presence = presence
        self.requeues = requeues
    }

    enum CodingKeys: String, CodingKey {
        case id, entity, reason, message, kind, artist, title, stage, queue, presence, requeues, priority, worker
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case retryCount = "retry_count"
        case jobID = "job_id"
        case batchID = "batch_id"
        case deadAt = "dead_at"
    }
}

/// Whether a dead letter is in its queue. The raw values are part of the API.
public enum DeadLetterPresence: String, Codable, Sendable, CaseIterable {
    /// In its dead-letter queue.
    case present
    /// Missing from its queue for a short time: another client may hold the message.
    case held
    /// Missing from its queue for longer than a client holds a message: moved or dropped with other tools.
    case gone
}

/// A page of dead letters: the response to `GET /api/v1/dlq`.
public struct DeadLetterPage: Codable, Sendable, Equatable {
    public var items: [DeadLetterItem]
    /// The number of this page; the first is 1.
    public var page: Int
    public var pageSize: Int
    /// The number of dead letters on all pages.
    public var total: Int

    public init(items: [DeadLetterItem], page: Int, pageSize: Int, total: Int) {
        self.items = items
        self.page = page
        self.pageSize = pageSize
        self.total = total
    }

    enum CodingKeys: String, CodingKey {
        case items, page, total
        case pageSize = "page_size"
    }
}
