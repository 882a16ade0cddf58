import Contracts
import ServiceKit

/// The settings of a watched artist or playlist.
///
/// Stored as JSON. A field that is added later must have a default in `init(from:)`, so that older rows stay readable.
struct WatchTerms: Codable, Sendable, Equatable {
    /// 0 … 9, of its jobs.
    var priority = JobKind.watchlist.defaultPriority
    var requestedBy: String?
    /// Seconds between the starts of two checks.
    var interval = WatchDefaults().interval
    /// The smallest number of seconds between the starts of two checks, also of requested ones.
    var cooldown = WatchDefaults().cooldown
    /// The largest number of new jobs of one check.
    var budget = WatchDefaults().budget
    /// `YYYY-MM-DD`. The first check submits no release of an artist that is older.
    var since = ""
    /// Whether the first check submits everything.
    var backlog = false

    init() {}

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let standard = WatchTerms()
        priority = try fields.decodeIfPresent(Int.self, forKey: .priority) ?? standard.priority
        requestedBy = try fields.decodeIfPresent(String.self, forKey: .requestedBy)
        interval = try fields.decodeIfPresent(Int.self, forKey: .interval) ?? standard.interval
        cooldown = try fields.decodeIfPresent(Int.self, forKey: .cooldown) ?? standard.cooldown
        budget = try fields.decodeIfPresent(Int.self, forKey: .budget) ?? standard.budget
        since = try fields.decodeIfPresent(String.self, forKey: .since) ?? standard.since
        backlog = try fields.decodeIfPresent(Bool.self, forKey: .backlog) ?? standard.backlog
    }
}

/// The defaults of watched artists and playlists.
struct WatchDefaults: Sendable, Equatable {
    /// `WATCHLIST_INTERVAL`, in seconds.
    var interval = 86_400
    /// `WATCHLIST_COOLDOWN_MINUTES`, in seconds.
    var cooldown = 900
    /// `HDM_WATCHLIST_BUDGET`.
    var budget = 100

    static let intervals = 300...31_536_000
    static let cooldowns = 0...86_400
    static let budgets = 1...10_000
}
