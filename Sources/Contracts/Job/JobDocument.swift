/// Where a job comes from. Decides its priority when it names none.
public enum JobKind: String, CaseIterable, Codable, Sendable {
    case manual, watchlist, backfill

    /// 0 … 9; higher runs first.
    public var defaultPriority: Int {
        switch self {
        case .manual: 6
        case .watchlist: 4
        case .backfill: 2
        }
    }
}

/// The one document that travels through the stages. Each stage adds its own section and never edits another's;
/// fields that this version does not know are kept and passed on.
public struct JobDocument: Codable, Sendable, Equatable {
    /// The value of `schema` in documents of this version.
    public static let schema = "hdm.job/1"
    /// The largest document that is accepted from the broker, in bytes.
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
    /// What cannot be had today is tried again at growing intervals instead of dying.
    public var standing: Bool?
    /// How often a standing job has been put off so far.
    public var standingTries: Int?
    @Boxed public var track: Track
    /// What people decided about files for this track.
    @Boxed public var verdicts: Verdicts? = nil
    /// What catalogues know of the recording.
    @Boxed public var metadata: MetadataSection? = nil
    @Boxed public var match: MatchSection? = nil
    @Boxed public var transfer: TransferSection? = nil
    @Boxed public var download: DownloadSection? = nil
    @Boxed public var tag: TagSection? = nil
    @Boxed public var move: MoveSection? = nil
    public var unknown: UnknownFields = [:]
    /// What the sections hold beside the fields that this version knows, by the section's name.
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
    }

    /// Reads a document. A publisher that goes straight to the broker may leave out `kind`, `dedupe_key`, `priority`
    /// and `submitted_at`: they get their defaults here.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let schema = try fields.decode(String.self, forKey: .schema)
        guard schema == Self.schema else {
            throw ContractViolation(
                path: decoder.codingPath + [CodingKeys.schema], problem: "must be \"\(Self.schema)\"")
        }
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
        standingTries = try fields.decodeWhole(forKey: .standingTries)
        verdicts = try fields.decodeIfPresent(Verdicts.self, forKey: .verdicts)
        metadata = try fields.decodeIfPresent(MetadataSection.self, forKey: .metadata)
        match = try fields.decodeIfPresent(MatchSection.self, forKey: .match)
        transfer = try fields.decodeIfPresent(TransferSection.self, forKey: .transfer)
        download = try fields.decodeIfPresent(DownloadSection.self, forKey: .download)
        tag = try fields.decodeIfPresent(TagSection.self, forKey: .tag)
        move = try fields.decodeIfPresent(MoveSection.self, forKey: .move)
        unknown = try decoder.unknownFields(beside: CodingKeys.self)
        try keepUnknown(.verdicts, fields, Verdicts.CodingKeys.self)
        try keepUnknown(.metadata, fields, MetadataSection.CodingKeys.self)
        try keepUnknown(.match, fields, MatchSection.CodingKeys.self)
        try keepUnknown(.transfer, fields, TransferSection.CodingKeys.self)
        try keepUnknown(.download, fields, DownloadSection.CodingKeys.self)
        try keepUnknown(.tag, fields, TagSection.CodingKeys.self)
        try keepUnknown(.move, fields, MoveSection.CodingKeys.self)
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
    private mutating func keepUnknown<Known: CodingKey & CaseIterable>(
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

extension KeyedDecodingContainer {
    /// Reads one of a closed set of words and names them all when it is another.
    func decodeChoice<Choice: RawRepresentable & CaseIterable>(_: Choice.Type, forKey key: Key) throws -> Choice?
    where Choice.RawValue == String {
        guard let word = try decodeIfPresent(String.self, forKey: key) else { return nil }
        guard let choice = Choice(rawValue: word) else {
            let words = Choice.allCases.map { $0.rawValue }.joined(separator: ", ")
            throw ContractViolation(path: codingPath + [key], problem: "must be one of \(words)")
        }
        return choice
    }

    /// Reads a whole number and names the place of one with a fraction, which Foundation's decoder does not.
    func decodeWhole(forKey key: Key) throws -> Int? {
        do {
            return try decodeIfPresent(Int.self, forKey: key)
        } catch let error as DecodingError {
            throw error
        } catch {
            // Foundation throws an error of its own here, which becomes "not valid JSON" without a place further up.
            throw ContractViolation(path: codingPath + [key], problem: "must be a whole number")
        }
    }

    /// Reads a priority, 0 … 9.
    func decodePriority(forKey key: Key) throws -> Int? {
        guard let priority = try decodeWhole(forKey: key) else { return nil }
        guard (0...9).contains(priority) else {
            throw ContractViolation(path: codingPath + [key], problem: "must lie between 0 and 9")
        }
        return priority
    }
}
