/// A request for tracks, over HTTP (`POST /api/v1/downloads`) or AMQP (`hdm.intake`).
public struct Submission: Codable, Sendable, Equatable {
    /// The value of `schema`, which is optional in a submission.
    public static let schema = "hdm.submission/1"

    public var items: [SubmissionItem]
    /// The id of the batch; random if absent.
    public var batchID: String?
    public var requestedBy: String?
    public var kind: JobKind?
    /// 0 … 9. Items can override it.
    public var priority: Int?
    /// The prefix for the key of every item, so that the same track can be requested once in each such batch.
    public var dedupeKey: String?
    public var expiresAt: Timestamp?
    /// Whether tracks that were processed before are downloaded again.
    public var force: Bool?
    /// Whether the jobs are monitored. Items can override it.
    public var standing: Bool?

    public init(items: [SubmissionItem]) { self.items = items }

    enum CodingKeys: String, CodingKey {
        case schema, items, kind, priority, force, standing
        case batchID = "batch_id"
        case requestedBy = "requested_by"
        case dedupeKey = "dedupe_key"
        case expiresAt = "expires_at"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        if try fields.decodeIfPresent(String.self, forKey: .schema) != nil {
            try fields.requireSchema(Self.schema, forKey: .schema)
        }
        items = try fields.decode([SubmissionItem].self, forKey: .items)
        batchID = try fields.decodeIfPresent(JobID.self, forKey: .batchID)?.text
        requestedBy = try fields.decodeIfPresent(String.self, forKey: .requestedBy)
        kind = try fields.decodeChoice(JobKind.self, forKey: .kind)
        priority = try fields.decodePriority(forKey: .priority)
        dedupeKey = try fields.decodeIfPresent(String.self, forKey: .dedupeKey)
        expiresAt = try fields.decodeIfPresent(Timestamp.self, forKey: .expiresAt)
        force = try fields.decodeIfPresent(Bool.self, forKey: .force)
        standing = try fields.decodeIfPresent(Bool.self, forKey: .standing)
        if items.isEmpty { throw ContractViolation(path: "/items", problem: "must not be empty") }
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(Self.schema, forKey: .schema)
        try fields.encode(items, forKey: .items)
        try fields.encodeIfPresent(batchID, forKey: .batchID)
        try fields.encodeIfPresent(requestedBy, forKey: .requestedBy)
        try fields.encodeIfPresent(kind, forKey: .kind)
        try fields.encodeIfPresent(priority, forKey: .priority)
        try fields.encodeIfPresent(dedupeKey, forKey: .dedupeKey)
        try fields.encodeIfPresent(expiresAt, forKey: .expiresAt)
        try fields.encodeIfPresent(force, forKey: .force)
        try fields.encodeIfPresent(standing, forKey: .standing)
    }
}

/// One request of a submission: the fields of ``Track``, or a link to a list of tracks, with options for this item.
public struct SubmissionItem: Codable, Sendable, Equatable {
    /// The track; without names if there is a ``link``.
    public var track: Track
    /// A link into a catalogue (a playlist, an album, an artist …) instead of a track. Its tracks become jobs.
    public var link: String?
    /// 0 … 9.
    public var priority: Int?
    public var dedupeKey: String?
    public var requestedBy: String?
    public var force: Bool?
    /// Whether the jobs are monitored; overrides that of the submission.
    public var standing: Bool?
    /// Which catalogue each field of ``track`` comes from. The gateway accepts it only from the planner.
    public var metadata: MetadataSection?

    public init(track: Track) { self.track = track }

    public init(link: String) {
        track = Track(artist: "", title: "")
        self.link = link
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case priority, force, link, standing, metadata
        case dedupeKey = "dedupe_key"
        case requestedBy = "requested_by"
        case durationSeconds = "duration_seconds"
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        link = try fields.decodeIfPresent(String.self, forKey: .link)
        track = try link.map { _ in Track(artist: "", title: "") } ?? Track(from: decoder)
        for key in CodingKeys.allCases { track.unknown[key.stringValue] = nil }
        priority = try fields.decodePriority(forKey: .priority)
        dedupeKey = try fields.decodeIfPresent(String.self, forKey: .dedupeKey)
        requestedBy = try fields.decodeIfPresent(String.self, forKey: .requestedBy)
        force = try fields.decodeIfPresent(Bool.self, forKey: .force)
        standing = try fields.decodeIfPresent(Bool.self, forKey: .standing)
        // Other publishers may use the name for something else, so a value of another shape is ignored.
        metadata = try? fields.decodeIfPresent(MetadataSection.self, forKey: .metadata)
        if track.durationMS == nil, let seconds = try fields.decodeIfPresent(Double.self, forKey: .durationSeconds) {
            guard (0...86_400).contains(seconds) else {
                throw ContractViolation(
                    path: decoder.codingPath + [CodingKeys.durationSeconds],
                    problem: "must lie between 0 and 86400")
            }
            track.durationMS = Int((seconds * 1000).rounded())
        }
    }

    public func encode(to encoder: any Encoder) throws {
        if link == nil { try track.encode(to: encoder) }
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encodeIfPresent(link, forKey: .link)
        try fields.encodeIfPresent(priority, forKey: .priority)
        try fields.encodeIfPresent(dedupeKey, forKey: .dedupeKey)
        try fields.encodeIfPresent(requestedBy, forKey: .requestedBy)
        try fields.encodeIfPresent(force, forKey: .force)
        try fields.encodeIfPresent(standing, forKey: .standing)
        try fields.encodeIfPresent(metadata, forKey: .metadata)
    }
}
