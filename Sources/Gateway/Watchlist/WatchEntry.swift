import Contracts
import Foundation
import GRDB
import Metadata

/// An artist or a playlist that is watched.
struct WatchEntry: Sendable, Equatable {
    let number: Int64
    /// `spotify:<id>` for an artist, `spotify:playlist:<id>`, `spotify:saved`.
    let key: String
    let link: CatalogueLink
    var terms: WatchTerms
    var isPaused: Bool
    var pauseReason: String?
    var resumeAt: Timestamp?
    /// The present look; `nil` between looks.
    var run: WatchRun?
    /// The last one that ended.
    var lastRun: WatchRun?
    /// How many looks have ended.
    var runs: Int
    /// The mark of a playlist's content when it was last read to its end.
    var snapshot: String?
    var problem: Expansion.Problem?
    /// Attempts in a row that brought nothing.
    var failures: Int
    /// When the next look, or the next step of the present one, is due.
    var dueAt: Timestamp
    let step: Int
    let createdAt: Timestamp
    let updatedAt: Timestamp

    init(_ row: Row) throws {
        number = row["number"]
        key = row["artist_key"]
        link = try CatalogueLink(row["link"] as String)
        terms = try ContractCoding.decode(WatchTerms.self, from: row["terms"])
        isPaused = row["paused"]
        pauseReason = row["pause_reason"]
        resumeAt = (row["resume_at"] as Int64?).map { Timestamp(milliseconds: $0) }
        run = try (row["run"] as Data?).map { try ContractCoding.decode(WatchRun.self, from: $0) }
        lastRun = try (row["last_run"] as Data?).map { try ContractCoding.decode(WatchRun.self, from: $0) }
        runs = row["runs"]
        snapshot = row["snapshot"]
        problem = Expansion.Problem(row)
        failures = row["failures"]
        dueAt = Timestamp(milliseconds: row["due_at"])
        step = row["step"]
        createdAt = Timestamp(milliseconds: row["created_at"])
        updatedAt = Timestamp(milliseconds: row["updated_at"])
    }

    /// The earliest moment of a look that somebody asks for.
    func nextLook(askedAt now: Timestamp) -> Timestamp {
        guard let last = run?.startedAt ?? lastRun?.startedAt else { return now }
        return max(now, last + .seconds(terms.cooldown))
    }
}

/// What people decide about a watched artist or playlist.
struct WatchTerms: Codable, Sendable, Equatable {
    /// 0 … 9, of its jobs.
    var priority: Int
    var requestedBy: String?
    /// Seconds from one look to the next.
    var interval: Int
    /// The least number of seconds from one look to the next, also when somebody asks for it.
    var cooldown: Int
    /// New jobs of one look at most.
    var budget: Int
    /// `YYYY-MM-DD`: what the first look takes of an artist is not older.
    var since: String
    /// The first look takes everything.
    var backlog: Bool
}

/// One look at an artist or a playlist, and how far it is.
struct WatchRun: Codable, Sendable, Equatable {
    var batchID: String
    var startedAt: Timestamp
    var endedAt: Timestamp?
    /// Where the next page begins.
    var offset = 0
    /// Of an artist: whether all releases are listed, and the new ones that are still to be read.
    var isListed = false
    var releases: [CatalogueAlbum] = []
    /// The mark of the playlist's content when this look began.
    var snapshot: String?
    /// What came of it; releases or entries count as read.
    var counts = ExpansionCounts()
    /// The budget was spent before the end: the next look takes the rest.
    var isCut = false
}

/// How a watched artist or playlist is shown.
struct WatchResponse: Encodable, Sendable {
    let entry: WatchEntry

    private enum CodingKeys: String, CodingKey {
        case id, link, kind, priority, paused, budget, since, backlog, running, error
        case artistKey = "artist_key"
        case pauseReason = "pause_reason"
        case resumeAt = "resume_at"
        case requestedBy = "requested_by"
        case interval = "interval_seconds"
        case cooldown = "cooldown_seconds"
        case nextDue = "next_due"
        case lastRun = "last_run"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(entry.number, forKey: .id)
        try fields.encode(entry.key, forKey: .artistKey)
        try fields.encode(entry.link.description, forKey: .link)
        try fields.encode(entry.link.kind, forKey: .kind)
        try encode(entry.terms, into: &fields)
        try fields.encode(entry.isPaused, forKey: .paused)
        try fields.encode(entry.pauseReason, forKey: .pauseReason)
        try fields.encode(entry.resumeAt, forKey: .resumeAt)
        try fields.encode(entry.run != nil, forKey: .running)
        try fields.encode(entry.dueAt, forKey: .nextDue)
        try fields.encodeIfPresent((entry.run ?? entry.lastRun).map(WatchRunResponse.init), forKey: .lastRun)
        try fields.encodeIfPresent(entry.problem, forKey: .error)
        try fields.encode(entry.createdAt, forKey: .createdAt)
        try fields.encode(entry.updatedAt, forKey: .updatedAt)
    }

    private func encode(_ terms: WatchTerms, into fields: inout KeyedEncodingContainer<CodingKeys>) throws {
        try fields.encode(terms.priority, forKey: .priority)
        try fields.encodeIfPresent(terms.requestedBy, forKey: .requestedBy)
        try fields.encode(terms.interval, forKey: .interval)
        try fields.encode(terms.cooldown, forKey: .cooldown)
        try fields.encode(terms.budget, forKey: .budget)
        try fields.encode(terms.since, forKey: .since)
        try fields.encode(terms.backlog, forKey: .backlog)
    }
}

/// How a look is shown.
private struct WatchRunResponse: Encodable {
    let run: WatchRun

    private enum CodingKeys: String, CodingKey {
        case read, enqueued, skipped
        case batchID = "batch_id"
        case startedAt = "started_at"
        case endedAt = "ended_at"
        case alreadyEnqueued = "already_enqueued"
        case alreadyProcessed = "already_processed"
        case isCut = "budget_spent"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(run.batchID, forKey: .batchID)
        try fields.encode(run.startedAt, forKey: .startedAt)
        try fields.encodeIfPresent(run.endedAt, forKey: .endedAt)
        try fields.encode(run.counts.read, forKey: .read)
        try fields.encode(run.counts.enqueued, forKey: .enqueued)
        try fields.encode(run.counts.alreadyEnqueued, forKey: .alreadyEnqueued)
        try fields.encode(run.counts.alreadyProcessed, forKey: .alreadyProcessed)
        try fields.encode(run.counts.skipped, forKey: .skipped)
        try fields.encode(run.isCut, forKey: .isCut)
    }
}
