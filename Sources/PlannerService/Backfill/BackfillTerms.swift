/// What a backfill is to do.
///
/// Stored as JSON. A field that is added later must have a default in `init(from:)`, so that older rows stay readable.
struct BackfillTerms: Codable, Sendable, Equatable {
    static let maximumItems = 10_000

    /// The largest number of files and jobs that are looked up.
    var maxItems: Int
    /// Whether missing tracks are requested of albums that the library has at least half of.
    var expandsAlbums = true
    /// Whether files with complete metadata are skipped instead of looked up again.
    var includesKnown = true
    /// Whether only jobs that found nothing are looked up.
    var isForJobsOnly = false

    init(maxItems: Int) { self.maxItems = maxItems }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        maxItems = try fields.decode(Int.self, forKey: .maxItems)
        expandsAlbums = try fields.decodeIfPresent(Bool.self, forKey: .expandsAlbums) ?? true
        includesKnown = try fields.decodeIfPresent(Bool.self, forKey: .includesKnown) ?? true
        isForJobsOnly = try fields.decodeIfPresent(Bool.self, forKey: .isForJobsOnly) ?? false
    }
}

/// How far a backfill is.
///
/// Stored as JSON. A field that is added later must have a default in `init(from:)`, so that older rows stay readable.
struct BackfillCursor: Codable, Sendable, Equatable {
    enum Phase: String, Codable, Sendable {
        /// Files of the library.
        case files
        /// Jobs that found nothing and have no identifier.
        case jobs
        /// Albums of the files.
        case albums
    }

    var phase = Phase.files
    /// The path of the last file.
    var path: String?
    /// The number of the last job or album.
    var number: Int64 = 0
    /// The path after which this backfill began; `nil` for the beginning of the library.
    var origin: String?
    /// Whether the end of the library was reached, so that the files up to ``origin`` remain.
    var hasWrapped = false

    init() {}

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        phase = try fields.decodeIfPresent(Phase.self, forKey: .phase) ?? .files
        path = try fields.decodeIfPresent(String.self, forKey: .path)
        number = try fields.decodeIfPresent(Int64.self, forKey: .number) ?? 0
        origin = try fields.decodeIfPresent(String.self, forKey: .origin)
        hasWrapped = try fields.decodeIfPresent(Bool.self, forKey: .hasWrapped) ?? false
    }

    mutating func begin(_ phase: Phase) {
        self.phase = phase
        number = 0
    }

    /// Moves past a page of files.
    /// - Parameter isLastPage: whether it was the last one of the library.
    mutating func advance(past path: String?, isLastPage: Bool) {
        self.path = path ?? self.path
        if let origin, hasWrapped, let path, !origin.isAfter(path) { return begin(.jobs) }
        guard isLastPage else { return }
        guard origin != nil, !hasWrapped else { return begin(.jobs) }
        hasWrapped = true
        self.path = nil
    }
}

/// The results of a backfill. The names in JSON are a public contract.
///
/// A field that is added later must have a default in `init(from:)`, so that older rows stay readable.
struct BackfillCounts: Codable, Sendable, Equatable {
    /// The largest number of files and jobs to look up.
    var requested: Int
    /// Files and jobs so far.
    var processed = 0
    /// Files and jobs whose metadata was found.
    var matched = 0
    /// Files whose metadata was complete.
    var known = 0
    /// Files and jobs that were looked up in the catalogue.
    var asked = 0
    /// Albums with missing tracks.
    var albums = 0
    /// New jobs for missing tracks.
    var tracks = 0
    /// New jobs for jobs that had found nothing.
    var jobs = 0

    enum CodingKeys: String, CodingKey {
        case requested, processed, matched
        case known = "cache_hits"
        case asked = "cache_misses"
        case albums = "expanded_playlists"
        case tracks = "expanded_tracks"
        case jobs = "enriched_jobs"
    }

    init(requested: Int) { self.requested = requested }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        requested = try fields.decode(Int.self, forKey: .requested)
        processed = try fields.decodeIfPresent(Int.self, forKey: .processed) ?? 0
        matched = try fields.decodeIfPresent(Int.self, forKey: .matched) ?? 0
        known = try fields.decodeIfPresent(Int.self, forKey: .known) ?? 0
        asked = try fields.decodeIfPresent(Int.self, forKey: .asked) ?? 0
        albums = try fields.decodeIfPresent(Int.self, forKey: .albums) ?? 0
        tracks = try fields.decodeIfPresent(Int.self, forKey: .tracks) ?? 0
        jobs = try fields.decodeIfPresent(Int.self, forKey: .jobs) ?? 0
    }
}
