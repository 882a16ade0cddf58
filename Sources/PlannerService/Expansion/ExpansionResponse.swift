import Contracts

/// An expansion in the HTTP API.
struct ExpansionResponse: Encodable, Sendable, Equatable {
    var expansion: Expansion

    private enum CodingKeys: String, CodingKey {
        case id, link, kind, state, read, total, enqueued, skipped, until, error
        case batchID = "batch_id"
        case alreadyEnqueued = "already_enqueued"
        case alreadyProcessed = "already_processed"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case endedAt = "ended_at"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(expansion.id, forKey: .id)
        try fields.encode(expansion.plan.batchID, forKey: .batchID)
        try fields.encode(expansion.link.description, forKey: .link)
        try fields.encode(expansion.link.kind, forKey: .kind)
        try fields.encode(expansion.state, forKey: .state)
        try fields.encode(expansion.counts.read, forKey: .read)
        try fields.encodeIfPresent(expansion.total, forKey: .total)
        try fields.encode(expansion.counts.enqueued, forKey: .enqueued)
        try fields.encode(expansion.counts.alreadyEnqueued, forKey: .alreadyEnqueued)
        try fields.encode(expansion.counts.alreadyProcessed, forKey: .alreadyProcessed)
        try fields.encode(expansion.counts.skipped, forKey: .skipped)
        try fields.encodeIfPresent(expansion.state == .waiting ? expansion.dueAt : nil, forKey: .until)
        try fields.encodeIfPresent(expansion.problem, forKey: .error)
        try fields.encode(expansion.createdAt, forKey: .createdAt)
        try fields.encode(expansion.updatedAt, forKey: .updatedAt)
        try fields.encodeIfPresent(expansion.endedAt, forKey: .endedAt)
    }
}
