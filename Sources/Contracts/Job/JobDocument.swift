/// The document of a job, which the stages pass on.
///
/// Each stage adds its own section and does not change the sections of other stages. Unknown fields are preserved.
public struct JobDocument: Codable, Sendable, Equatable {
    /// The value of `schema` in documents of this version.
    public static let schema = "hdm.job/1"
    /// The maximum size of a document from the broker, in bytes.
    public static let largestBody = 1 << 20

    public var jobID: JobID
    public var batchID: String?
    public var kind: JobKind
    public var requestedBy: String?
    public var dedupeKey: String
    /// 0 … 9; higher runs first.
    public var priority: Int
    public var submittedAt: Timestamp
    public var expiresAt: Timestamp?
    public var force: Bool?
    /// Whether the job is monitored: without a result it is searched for again at growing intervals.
    public var standing: Bool?
    /// How often a monitored job was snoozed.
    public var standingTries: Int?
    /// How many jobs of the submission want tracks of the same album, this one included; absent without others. They are
    /// searched for together.
    public var albumJobs: Int?
    @Boxed public var track: Track
    /// The decisions of people about files for this track.
    @Boxed public var verdicts: Verdicts? = nil
    /// The recording as catalogues list it.
    @Boxed public var metadata: MetadataSection? = nil
    @Boxed public var match: MatchSection? = nil
    @Boxed public var transfer: TransferSection? = nil
    @Boxed public var download: DownloadSection? = nil
    @Boxed public var tag: TagSection? = nil
    @Boxed public var move: MoveSection? = nil
    public var unknown: UnknownFields = [:]
    /// Unknown fields of the sections, by the name of the section.
    private var unknownInSections: [String: UnknownFields] = [:]

    public init(
        jobID: JobID = JobID(), batchID: String? = nil, kind: JobKind = .manual, requestedBy: String? = nil,
        dedupeKey: String? = nil, priority: Int? = nil, submittedAt: Timestamp = .now, track: Track
    ) {
        self.jobID = jobID
        self.batchID = batchID
        self.kind = kind
        self.requestedBy = requestedBy
        self.dedupeKey = dedupeKey ?? DedupeKey.of(track)
        self.priority = priority ?? kind.defaultPriority
        self.submittedAt = submittedAt
        self.track = track
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case schema, kind, priority, force, standing, track, verdicts, metadata, match, transfer, download, tag, move
        case jobID = "job_id"
        case batchID = "batch_id"
        case requestedBy = "requested_by"
        case dedupeKey = "dedupe_key"
        case submittedAt = "submitted_at"
        case expiresAt = "expires_at"
        case standingTries = "standing_tries"
        case albumJobs = "album_jobs"
    }

    /// Reads a document. Publishers may leave out `kind`, `dedupe_key`, `priority` and `submitted_at`, which then get
    /// their defaults.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try fields.requireSchema(Self.schema, forKey: .schema)
        jobID = try fields.decode(JobID.self, forKey: .jobID)
        batchID = try fields.decodeIfPresent(String.self, forKey: .batchID)
        kind = try fields.decodeChoice(JobKind.self, forKey: .kind) ?? .manual
        requestedBy = try fields.decodeIfPresent(String.self, forKey: .requestedBy)
        let track = try fields.decode(Track.self, forKey: .track)
        self.track = track
        dedupeKey = DedupeKey.of(track, explicit: try fields.decodeIfPresent(String.self, forKey: .dedupeKey))
        priority = try fields.decodePriority(forKey: .priority) ?? kind.defaultPriority
        submittedAt = try fields.decodeIfPresent(Timestamp.self, forKey: .submittedAt) ?? .now
        expiresAt = try fields.decodeIfPresent(Timestamp.self, forKey: .expiresAt)
        force = try fields.decodeIfPresent(Bool.self, forKey: .force)
        standing = try fields.decodeIfPresent(Bool.self, forKey: .standing)
        standingTries = try fields.decodeWholeIfPresent(forKey: .standingTries, in: 0...Limits.count)
        albumJobs = try fields.decodeWholeIfPresent(forKey: .albumJobs, in: 0...Limits.count)
        verdicts = try fields.decodeIfPresent(Verdicts.self, forKey: .verdicts)
        metadata = try fields.decodeIfPresent(MetadataSection.self, forKey: .metadata)
        match = try fields.decodeIfPresent(MatchSection.self, forKey: .match)
        transfer = try fields.decodeIfPresent(TransferSection.self, forKey: .transfer)
        download = try fields.decodeIfPresent(DownloadSection.self, forKey: .download)
        tag = try fields.decodeIfPresent(TagSection.self, forKey: .tag)
        move = try fields.decodeIfPresent(MoveSection.self, forKey: .move)
        unknown = try decoder.unknownFields(beside: CodingKeys.self)
        try storeUnknown(.verdicts, fields, Verdicts.CodingKeys.self)
        try storeUnknown(.metadata, fields, MetadataSection.CodingKeys.self)
        try storeUnknown(.match, fields, MatchSection.CodingKeys.self)
        try storeUnknown(.transfer, fields, TransferSection.CodingKeys.self)
        try storeUnknown(.download, fields, DownloadSection.CodingKeys.self)
        try storeUnknown(.tag, fields, TagSection.CodingKeys.self)
        try storeUnknown(.move, fields, MoveSection.CodingKeys.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(Self.schema, forKey: .schema)
        try fields.encode(jobID, forKey: .jobID)
        try fields.encodeIfPresent(batchID, forKey: .batchID)
        try fields.encode(kind, forKey: .kind)
        try fields.encodeIfPresent(requestedBy, forKey: .requestedBy)
        try fields.encode(dedupeKey, forKey: .dedupeKey)
        try fields.encode(priority, forKey: .priority)
        try fields.encode(submittedAt, forKey: .submittedAt)
        try fields.encodeIfPresent(expiresAt, forKey: .expiresAt)
        try fields.encodeIfPresent(force, forKey: .force)
        try fields.encodeIfPresent(standing, forKey: .standing)
        try fields.encodeIfPresent(standingTries, forKey: .standingTries)
        try fields.encodeIfPresent(albumJobs, forKey: .albumJobs)
        try fields.encode(track, forKey: .track)
        try encode(verdicts, .verdicts, into: &fields)
        try encode(metadata, .metadata, into: &fields)
        try encode(match, .match, into: &fields)
        try encode(transfer, .transfer, into: &fields)
        try encode(download, .download, into: &fields)
        try encode(tag, .tag, into: &fields)
        try encode(move, .move, into: &fields)
        try encoder.encode(unknown: unknown)
    }
}

// MARK: - Sections

extension JobDocument {
    /// Whether a section was not set since one of the documents was copied from the other.
    func shares(_ section: JobSection, with other: JobDocument) -> Bool {
        switch section {
        case .verdicts: _verdicts.isIdentical(to: other._verdicts)
        case .metadata: _metadata.isIdentical(to: other._metadata)
        case .match: _match.isIdentical(to: other._match)
        case .transfer: _transfer.isIdentical(to: other._transfer)
        case .download: _download.isIdentical(to: other._download)
        case .tag: _tag.isIdentical(to: other._tag)
        case .move: _move.isIdentical(to: other._move)
        case .standingTries: standingTries == other.standingTries
        }
    }

    private mutating func storeUnknown<Known: CodingKey & CaseIterable>(
        _ section: CodingKeys, _ fields: KeyedDecodingContainer<CodingKeys>, _ known: Known.Type
    ) throws {
        guard fields.contains(section), try !fields.decodeNil(forKey: section) else { return }
        let found = try fields.superDecoder(forKey: section).unknownFields(beside: known)
        if !found.isEmpty { unknownInSections[section.stringValue] = found }
    }

    private func encode(
        _ section: (some Encodable)?, _ key: CodingKeys, into fields: inout KeyedEncodingContainer<CodingKeys>
    ) throws {
        guard let section else { return }
        let encoder = fields.superEncoder(forKey: key)
        try section.encode(to: encoder)
        try encoder.encode(unknown: unknownInSections[key.stringValue] ?? [:])
    }
}
