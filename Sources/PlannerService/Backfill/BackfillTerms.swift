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
