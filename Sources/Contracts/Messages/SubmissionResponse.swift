/// The response to a submission: the body with status 202, or the message to `reply_to`.
public struct SubmissionResponse: Codable, Sendable, Equatable {
    public var batchID: String
    public var itemsTotal: Int
    public var requestedBy: String?
    /// The tracks of the submission, as jobs.
    public var items: [Item]
    /// The links of the submission. In JSON they are among the items, in the order of the submission.
    public var expansions: [Expanding] = []

    /// The result for one item.
    public struct Item: Codable, Sendable, Equatable {
        /// The position of the item in the submission, from 0.
        public var index: Int
        public var jobID: JobID
        public var status: Status
        public var state: JobState
        public var dedupeKey: String
        /// The path in the library if the track was already processed.
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

    /// The result for a link: its tracks become jobs of the same batch.
    public struct Expanding: Codable, Sendable, Equatable {
        /// The position of the item in the submission, from 0.
        public var index: Int
        /// The id for `GET /api/v1/expansions/{id}`.
        public var expansionID: JobID
        /// The link in its canonical form, such as `spotify:playlist:<id>`.
        public var link: String

        public init(index: Int, expansionID: JobID, link: String) {
            self.index = index
            self.expansionID = expansionID
            self.link = link
        }
    }

    /// Whether an item became a new job.
    public enum Status: String, Codable, Sendable, CaseIterable {
        case enqueued
        /// A job with the same key is in progress; the item has its id.
        case alreadyEnqueued = "already_enqueued"
        /// A job with the same key is completed; the item has its id and the library path.
        case alreadyProcessed = "already_processed"
    }

    public init(batchID: String, requestedBy: String?, items: [Item], expansions: [Expanding] = []) {
        self.batchID = batchID
        self.itemsTotal = items.count + expansions.count
        self.requestedBy = requestedBy
        self.items = items
        self.expansions = expansions
    }

    enum CodingKeys: String, CodingKey {
        case items
        case batchID = "batch_id"
        case itemsTotal = "items_total"
        case requestedBy = "requested_by"
    }
}

// MARK: - JSON

extension SubmissionResponse {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let all = try fields.decode([AnyItem].self, forKey: .items)
        self.init(
            batchID: try fields.decode(String.self, forKey: .batchID),
            requestedBy: try fields.decodeIfPresent(String.self, forKey: .requestedBy),
            items: all.compactMap { if case .job(let item) = $0 { item } else { nil } },
            expansions: all.compactMap { if case .link(let item) = $0 { item } else { nil } })
        itemsTotal = try fields.decodeWhole(forKey: .itemsTotal, in: 0...Limits.number)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(batchID, forKey: .batchID)
        try fields.encode(itemsTotal, forKey: .itemsTotal)
        try fields.encodeIfPresent(requestedBy, forKey: .requestedBy)
        let all = items.map(AnyItem.job) + expansions.map(AnyItem.link)
        try fields.encode(all.sorted { $0.index < $1.index }, forKey: .items)
    }

    /// An element of the list in JSON.
    private enum AnyItem: Codable {
        case job(Item)
        case link(Expanding)

        var index: Int {
            switch self {
            case .job(let item): item.index
            case .link(let item): item.index
            }
        }

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: Expanding.CodingKeys.self)
            let isLink = try fields.decode(String.self, forKey: .status) == Expanding.status
            self = isLink ? .link(try Expanding(from: decoder)) : .job(try Item(from: decoder))
        }

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .job(let item): try item.encode(to: encoder)
            case .link(let item): try item.encode(to: encoder)
            }
        }
    }
}

extension SubmissionResponse.Expanding {
    /// The status of a link in a response.
    fileprivate static let status = "expanding"

    fileprivate enum CodingKeys: String, CodingKey {
        case index, status, link
        case expansionID = "expansion_id"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        index = try fields.decodeWhole(forKey: .index, in: 0...Limits.number)
        expansionID = try fields.decode(JobID.self, forKey: .expansionID)
        link = try fields.decode(String.self, forKey: .link)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(index, forKey: .index)
        try fields.encode(Self.status, forKey: .status)
        try fields.encode(expansionID, forKey: .expansionID)
        try fields.encode(link, forKey: .link)
    }
}
