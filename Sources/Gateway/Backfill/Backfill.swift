import Contracts
import Foundation
import GRDB

/// One completion of what is known: metadata of library files, albums of the library, wishes that found nothing.
struct Backfill: Sendable, Equatable {
    enum State: String, Codable, Sendable, CaseIterable {
        case queued, running, paused, completed, failed, cancelled

        var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }
    }

    let number: Int64
    let id: JobID
    let terms: BackfillTerms
    var state: State
    var cursor: BackfillCursor
    var counts: BackfillCounts
    /// Why it waits or failed.
    var problem: Expansion.Problem?
    /// Attempts in a row that brought nothing.
    var failures: Int
    /// When the next step is due.
    var dueAt: Timestamp
    let step: Int
    let createdAt: Timestamp
    let updatedAt: Timestamp
    var endedAt: Timestamp?

    init(_ row: Row) throws {
        guard let id = JobID(row["backfill_id"] as String), let state = State(rawValue: row["state"]) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a backfill has no id or no state")
        }
        self.id = id
        self.state = state
        number = row["number"]
        terms = try ContractCoding.decode(BackfillTerms.self, from: row["terms"])
        cursor = try ContractCoding.decode(BackfillCursor.self, from: row["cursor"])
        counts = try ContractCoding.decode(BackfillCounts.self, from: row["counts"])
        problem = Expansion.Problem(row)
        failures = row["failures"]
        dueAt = Timestamp(milliseconds: row["due_at"])
        step = row["step"]
        createdAt = Timestamp(milliseconds: row["created_at"])
        updatedAt = Timestamp(milliseconds: row["updated_at"])
        endedAt = (row["ended_at"] as Int64?).map { Timestamp(milliseconds: $0) }
    }

    /// What its jobs have in common.
    var plan: ExpansionPlan { ExpansionPlan(batchID: "backfill-\(number)", kind: .backfill) }
}

/// What a backfill is to do.
struct BackfillTerms: Codable, Sendable, Equatable {
    static let most = 10_000

    /// Files and wishes that are looked up at most.
    var maxItems: Int
    /// Ask for the missing tracks of albums that the library has at least half of.
    var expandsAlbums = true
    /// Take files whose metadata is complete as they are, instead of looking them up again.
    var includesKnown = true
}

/// How far a backfill is.
struct BackfillCursor: Codable, Sendable, Equatable {
    enum Phase: String, Codable, Sendable {
        /// Files of the library.
        case files
        /// requests that found nothing and had no code.
        case jobs
        /// Albums of the files.
        case albums
    }

    var phase = Phase.files
    /// The last file.
    var path: String?
    /// The last wish, or album.
    var number: Int64 = 0

    mutating func begin(_ phase: Phase) {
        self.phase = phase
        number = 0
    }
}

/// What came of a backfill. The names are upstream's.
struct BackfillCounts: Codable, Sendable, Equatable {
    /// Files and wishes that were to be looked up at most.
    var requested: Int
    /// Files and wishes so far.
    var processed = 0
    /// Of those, whose metadata was found.
    var matched = 0
    /// Files whose metadata was complete.
    var known = 0
    /// Files and wishes that the catalogue was asked about.
    var asked = 0
    /// Albums with missing tracks.
    var albums = 0
    /// New jobs for missing tracks.
    var tracks = 0
    /// New jobs for wishes that had found nothing.
    var jobs = 0

    enum CodingKeys: String, CodingKey {
        case requested, processed, matched
        case known = "cache_hits"
        case asked = "cache_misses"
        case albums = "expanded_playlists"
        case tracks = "expanded_tracks"
        case jobs = "enriched_jobs"
    }
}

/// How a backfill is shown.
struct BackfillResponse: Encodable, Sendable {
    let backfill: Backfill
    let now: Timestamp

    private enum CodingKeys: String, CodingKey {
        case ok, state, counts, error, until
        case jobID = "job_id"
        case batchID = "batch_id"
        case expandsAlbums = "expand_playlists"
        case includesKnown = "include_cached_results"
        case duration = "duration_ms"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }

    func encode(to encoder: any Encoder) throws {
        let isWaiting = !backfill.state.isFinal && backfill.problem != nil
        let duration = (backfill.endedAt ?? now).since(backfill.createdAt)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(true, forKey: .ok)
        try fields.encode(backfill.id, forKey: .jobID)
        try fields.encode(backfill.plan.batchID, forKey: .batchID)
        try fields.encode(backfill.state, forKey: .state)
        try fields.encode(backfill.counts, forKey: .counts)
        try fields.encode(backfill.terms.expandsAlbums, forKey: .expandsAlbums)
        try fields.encode(backfill.terms.includesKnown, forKey: .includesKnown)
        try fields.encode(Int64(duration / .milliseconds(1)), forKey: .duration)
        try fields.encode(backfill.problem, forKey: .error)
        try fields.encodeIfPresent(isWaiting ? backfill.dueAt : nil, forKey: .until)
        try fields.encode(backfill.createdAt, forKey: .createdAt)
        try fields.encode(backfill.updatedAt, forKey: .updatedAt)
    }
}
