/// A link into a catalogue whose tracks are to become jobs of a batch. The gateway publishes it to `hdm.q.planner`.
///
/// The message id is ``expansionID``, so that a repeated message creates no second expansion.
public struct LinkRequest: Codable, Sendable, Equatable {
    /// The value of `schema` in link requests of this version.
    public static let schema = "hdm.link/1"

    public var expansionID: JobID
    /// The batch that the tracks' jobs belong to.
    public var batchID: JobID
    /// The link in its canonical form, such as `spotify:playlist:<id>`.
    public var link: String
    public var kind: JobKind
    /// 0 … 9, of the first jobs; the default of ``kind`` when absent.
    public var priority: Int?
    public var requestedBy: String?
    /// Put before the dedupe key of each track of a list.
    public var dedupePrefix: String?
    /// The dedupe key of the only track when the link names one track.
    public var dedupeKey: String?
    public var expiresAt: Timestamp?
    /// Start tracks again that were processed before.
    public var force: Bool?
    /// Monitor the jobs: search again at growing intervals.
    public var standing: Bool?
    /// The position of the link in its submission, from 0. Jobs of later positions get lower priorities.
    public var index: Int?
    public var submittedAt: Timestamp

    public init(
        expansionID: JobID, batchID: JobID, link: String, kind: JobKind = .manual, submittedAt: Timestamp
    ) {
        self.expansionID = expansionID
        self.batchID = batchID
        self.link = link
        self.kind = kind
        self.submittedAt = submittedAt
    }

    enum CodingKeys: String, CodingKey {
        case schema, link, kind, priority, force, standing, index
        case expansionID = "expansion_id"
        case batchID = "batch_id"
        case requestedBy = "requested_by"
        case dedupePrefix = "dedupe_prefix"
        case dedupeKey = "dedupe_key"
        case expiresAt = "expires_at"
        case submittedAt = "submitted_at"
    }
}

extension LinkRequest {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try fields.requireSchema(Self.schema, forKey: .schema)
        expansionID = try fields.decode(JobID.self, forKey: .expansionID)
        batchID = try fields.decode(JobID.self, forKey: .batchID)
        link = try fields.decode(String.self, forKey: .link)
        kind = try fields.decodeChoice(JobKind.self, forKey: .kind) ?? .manual
        priority = try fields.decodePriority(forKey: .priority)
        requestedBy = try fields.decodeIfPresent(String.self, forKey: .requestedBy)
        dedupePrefix = try fields.decodeIfPresent(String.self, forKey: .dedupePrefix)
        dedupeKey = try fields.decodeIfPresent(String.self, forKey: .dedupeKey)
        expiresAt = try fields.decodeIfPresent(Timestamp.self, forKey: .expiresAt)
        force = try fields.decodeIfPresent(Bool.self, forKey: .force)
        standing = try fields.decodeIfPresent(Bool.self, forKey: .standing)
        index = try fields.decodeWholeIfPresent(forKey: .index, in: 0...Limits.number)
        submittedAt = try fields.decode(Timestamp.self, forKey: .submittedAt)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(Self.schema, forKey: .schema)
        try fields.encode(expansionID, forKey: .expansionID)
        try fields.encode(batchID, forKey: .batchID)
        try fields.encode(link, forKey: .link)
        try fields.encode(kind, forKey: .kind)
        try fields.encodeIfPresent(priority, forKey: .priority)
        try fields.encodeIfPresent(requestedBy, forKey: .requestedBy)
        try fields.encodeIfPresent(dedupePrefix, forKey: .dedupePrefix)
        try fields.encodeIfPresent(dedupeKey, forKey: .dedupeKey)
        try fields.encodeIfPresent(expiresAt, forKey: .expiresAt)
        try fields.encodeIfPresent(force, forKey: .force)
        try fields.encodeIfPresent(standing, forKey: .standing)
        try fields.encodeIfPresent(index, forKey: .index)
        try fields.encode(submittedAt, forKey: .submittedAt)
    }
}
