import Contracts

/// A backfill in the HTTP API.
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
