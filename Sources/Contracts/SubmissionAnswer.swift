/// What became of a submission: the body of HTTP's 202, or the message sent to `reply_to`.
public struct SubmissionAnswer: Codable, Sendable, Equatable {
    public var batchID: String
    public var itemsTotal: Int
    public var requestedBy: String?
    public var items: [Item]

    /// What became of one item.
    public struct Item: Codable, Sendable, Equatable {
        /// The item's place in the submission, from 0.
        public var index: Int
        public var jobID: JobID
        public var status: Status
        public var state: JobState
        public var dedupeKey: String
        /// Where the file is in the library, when it was already processed.
        public var path: String?

        public init(index: Int, jobID: JobID, status: Status, state: JobState, dedupeKey: String, path: String? = nil) {
            self.index = index
            self.jobID = jobID
            self.status = status
            self.state = state
            self.dedupeKey = dedupeKey
            self.path = path
        }

        enum CodingKeys: String, CodingKey {
            case index, status, state, path
            case jobID = "job_id"
            case dedupeKey = "dedupe_key"
        }
    }

    /// Whether an item became a new job.
    public enum Status: String, Codable, Sendable, CaseIterable {
        case enqueued
        /// A job with the same key is under way; its id is given.
        case alreadyEnqueued = "already_enqueued"
        /// A job with the same key is done; its id and the library path are given.
        case alreadyProcessed = "already_processed"
    }

    public init(batchID: String, requestedBy: String?, items: [Item]) {
        self.batchID = batchID
        self.itemsTotal = items.count
        self.requestedBy = requestedBy
        self.items = items
    }

    enum CodingKeys: String, CodingKey {
        case items
        case batchID = "batch_id"
        case itemsTotal = "items_total"
        case requestedBy = "requested_by"
    }
}

/// The error envelope of the HTTP API and of the answer to a submission that could not be read.
public struct ErrorAnswer: Codable, Sendable, Equatable {
    public var ok = false
    public var error: Body

    /// What went wrong.
    public struct Body: Codable, Sendable, Equatable {
        public var code: APIErrorCode
        public var message: String
        public var meta: [String: JSONValue]?
    }

    public init(_ code: APIErrorCode, _ message: String, meta: [String: JSONValue]? = nil) {
        error = Body(code: code, message: message, meta: meta)
    }

    /// The answer to a document that breaks the contract.
    public init(_ violation: ContractViolation) {
        self.init(
            .validationError, violation.description,
            meta: ["field": .string(violation.path), "problem": .string(violation.problem)])
    }
}

/// The error codes of the HTTP API. The raw values are a public contract.
public enum APIErrorCode: String, Codable, Sendable, CaseIterable {
    case validationError = "VALIDATION_ERROR"
    case authRequired = "AUTH_REQUIRED"
    case notFound = "NOT_FOUND"
    case conflict = "CONFLICT"
    case payloadTooLarge = "PAYLOAD_TOO_LARGE"
    case rateLimited = "RATE_LIMITED"
    case dependencyError = "DEPENDENCY_ERROR"
    case internalError = "INTERNAL_ERROR"

    /// The HTTP status (RFC 9110) that goes with it.
    public var status: Int {
        switch self {
        case .validationError: 400
        case .authRequired: 401
        case .notFound: 404
        case .conflict: 409
        case .payloadTooLarge: 413
        case .rateLimited: 429
        case .dependencyError: 503
        case .internalError: 500
        }
    }
}
