import Contracts

/// What the jobs of one task have in common.
///
/// Stored as JSON. A field that is added later must have a default in `init(from:)`, so that older rows stay readable.
struct JobPlan: Codable, Sendable, Equatable {
    var batchID: String
    var requestedBy: String?
    var kind: JobKind
    /// The priority of the first jobs; later ones get lower priorities.
    var priority: Int
    /// Put before the dedupe key of every track of a list.
    var dedupePrefix: String?
    /// The dedupe key of the only track of a link.
    var dedupeKey: String?
    var expiresAt: Timestamp?
    var force: Bool?
    var standing: Bool?
    var traceparent: String?
    /// The position of the link in its submission, from 0.
    var index = 0

    init(batchID: String, kind: JobKind, priority: Int? = nil) {
        self.batchID = batchID
        self.kind = kind
        self.priority = priority ?? kind.defaultPriority
    }

    init(_ request: LinkRequest, traceparent: String?) {
        self.init(batchID: request.batchID.text, kind: request.kind, priority: request.priority)
        requestedBy = request.requestedBy
        dedupePrefix = request.dedupePrefix
        dedupeKey = request.dedupeKey
        expiresAt = request.expiresAt
        force = request.force
        standing = request.standing
        index = request.index ?? 0
        self.traceparent = traceparent
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        batchID = try fields.decode(String.self, forKey: .batchID)
        requestedBy = try fields.decodeIfPresent(String.self, forKey: .requestedBy)
        kind = try fields.decodeIfPresent(JobKind.self, forKey: .kind) ?? .manual
        priority = try fields.decodeIfPresent(Int.self, forKey: .priority) ?? kind.defaultPriority
        dedupePrefix = try fields.decodeIfPresent(String.self, forKey: .dedupePrefix)
        dedupeKey = try fields.decodeIfPresent(String.self, forKey: .dedupeKey)
        expiresAt = try fields.decodeIfPresent(Timestamp.self, forKey: .expiresAt)
        force = try fields.decodeIfPresent(Bool.self, forKey: .force)
        standing = try fields.decodeIfPresent(Bool.self, forKey: .standing)
        traceparent = try fields.decodeIfPresent(String.self, forKey: .traceparent)
        index = try fields.decodeIfPresent(Int.self, forKey: .index) ?? 0
    }

    /// A submission without items.
    /// - Parameter isOnlyTrack: whether the link stands for one track, whose own key then applies.
    func submission(isOnlyTrack: Bool) -> Submission {
        var submission = Submission(items: [])
        submission.batchID = batchID
        submission.requestedBy = requestedBy
        submission.kind = kind
        submission.priority = priority
        submission.expiresAt = expiresAt
        submission.force = force
        submission.standing = standing
        // One key cannot be that of many tracks; of a list it becomes a part of the prefix.
        let prefixes = [dedupePrefix, isOnlyTrack ? nil : dedupeKey].compactMap { $0 }.filter { !$0.isEmpty }
        submission.dedupeKey = prefixes.isEmpty ? nil : prefixes.joined(separator: ":")
        return submission
    }

    /// The item of a track.
    /// - Parameter position: how many tracks came before it.
    func item(of wanted: WantedTrack, isOnlyTrack: Bool, at position: Int, now: Timestamp) -> SubmissionItem {
        var item = SubmissionItem(track: wanted.track)
        item.priority = PriorityBand.priority(base: priority, index: index + position)
        if isOnlyTrack { item.dedupeKey = dedupeKey }
        item.metadata = wanted.metadata(at: now)
        return item
    }
}
