/// A table of a gateway that planned by itself, in the order in which the tables are copied.
enum HandoverTable: String, CaseIterable, Sendable {
    case expansions
    case expansionSeen = "expansion_seen"
    case watchlist
    case watchlistSeen = "watchlist_seen"
    case backfills
    case backfillTracks = "backfill_tracks"
    case backfillAlbums = "backfill_albums"

    /// The columns that are copied.
    var columns: [String] {
        let task = ["code", "message", "failures", "due_at", "step", "created_at", "updated_at"]
        return switch self {
        case .expansions:
            ["number", "expansion_id", "batch_id", "link", "plan", "state", "cursor", "counts", "total", "ended_at"]
                + task
        case .watchlist:
            [
                "number", "artist_key", "link", "terms", "paused", "pause_reason", "resume_at", "run", "last_run",
                "runs", "snapshot",
            ] + task
        case .backfills: ["number", "backfill_id", "terms", "state", "cursor", "counts", "ended_at"] + task
        case .expansionSeen: ["expansion_id", "key", "pass"]
        case .watchlistSeen: ["watch", "key"]
        case .backfillTracks: ["backfill", "key"]
        case .backfillAlbums: ["number", "backfill", "album"]
        }
    }
}
