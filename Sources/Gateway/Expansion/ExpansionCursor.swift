import Metadata

/// How far a link was read. What it says is kept in the same transaction as the jobs that were made on the way.
struct ExpansionCursor: Codable, Sendable, Equatable {
    /// Where the next page of the list begins.
    var offset = 0
    /// 1 when the list is read again, because it changed while it was read.
    var pass = 0
    /// The mark of the playlist's content when this reading began.
    var snapshot: String?
    /// How many entries the catalogue said there were when this reading began.
    var total: Int?
    /// Of an artist: whether all releases are listed, and those whose tracks are still to be read.
    var isListed = false
    var releases: [CatalogueAlbum] = []

    /// The cursor with which the list is read once more from its beginning.
    func again(snapshot: String?) -> ExpansionCursor {
        ExpansionCursor(pass: pass + 1, snapshot: snapshot)
    }
}

/// How many entries were read, and what became of them.
struct ExpansionCounts: Codable, Sendable, Equatable {
    /// Entries of the list so far; when it is read a second time, of the second reading.
    var read = 0
    /// New jobs.
    var enqueued = 0
    var alreadyEnqueued = 0
    var alreadyProcessed = 0
    /// Entries that became no job, by reason.
    var skipped: [String: Int] = [:]

    /// Tracks that were asked for.
    var wanted: Int { enqueued + alreadyEnqueued + alreadyProcessed }

    mutating func skip(_ reason: SkipReason, _ count: Int = 1) {
        guard count > 0 else { return }
        skipped[reason.rawValue, default: 0] += count
    }

    /// Forgets what is counted anew when the list is read again.
    mutating func beginAgain() {
        read = 0
        skipped = [:]
    }
}

/// Why an entry of a list becomes no job. The raw values are a public contract.
enum SkipReason: String, Codable, Sendable, CaseIterable {
    /// The catalogue has taken it out.
    case gone
    /// A podcast's episode.
    case episode
    /// No title or no artist, or none that could be used.
    case unnamed
    /// The list had it before.
    case duplicate
    /// The catalogue does not offer it to this account.
    case unavailable
    /// Beyond the number of entries that are read.
    case limit
}

extension SkipReason {
    init(_ obstacle: CatalogueEntry.Obstacle) {
        switch obstacle {
        case .gone: self = .gone
        case .episode: self = .episode
        case .unnamed: self = .unnamed
        }
    }
}
