import Contracts

/// A watched artist or playlist in the HTTP API.
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

/// A check in the HTTP API.
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
