public import Contracts
import Databases
import GRDB

/// The state of a link of a batch, as the planner's events describe it.
public struct ExpansionSummary: Sendable, Equatable {
    public var id: JobID
    public var batchID: String
    /// The link in its canonical form.
    public var link: String
    /// How many steps the planner had committed.
    public var step: Int
    public var state: ExpansionEvent.State
    public var counts: ExpansionEvent.Counts
    /// How many entries the list has, if the catalogue says.
    public var total: Int?
    /// When a waiting expansion continues.
    public var until: Timestamp?
    public var problem: ExpansionEvent.Problem?
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    public var endedAt: Timestamp?

    init(_ row: Row) throws {
        id = try row.jobID("expansion_id")
        batchID = try row.value("batch_id")
        link = try row.value("link")
        step = try row.value("step")
        state = try row.enumeration("state")
        counts = ExpansionEvent.Counts(
            read: try row.value("read"), enqueued: try row.value("enqueued"),
            alreadyEnqueued: try row.value("already_enqueued"), alreadyProcessed: try row.value("already_processed"),
            skipped: try row.decoded("skipped") { try ContractCoding.decode([String: Int].self, from: $0) })
        total = try row.optionalValue("total")
        until = try row.optionalTime("until")
        problem = try row.optionalValue("code").map { code in
            ExpansionEvent.Problem(code: code, message: try row.optionalValue("message") ?? "")
        }
        createdAt = try row.time("created_at")
        updatedAt = try row.time("updated_at")
        endedAt = try row.optionalTime("ended_at")
    }
}

extension ExpansionSummary: Encodable {
    private enum CodingKeys: String, CodingKey {
        case id, link, kind, state, read, total, enqueued, skipped, until, error
        case batchID = "batch_id"
        case alreadyEnqueued = "already_enqueued"
        case alreadyProcessed = "already_processed"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case endedAt = "ended_at"
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(batchID, forKey: .batchID)
        try fields.encode(link, forKey: .link)
        try fields.encodeIfPresent((try? CatalogueLink(link))?.kind, forKey: .kind)
        try fields.encode(state, forKey: .state)
        try fields.encode(counts.read, forKey: .read)
        try fields.encodeIfPresent(total, forKey: .total)
        try fields.encode(counts.enqueued, forKey: .enqueued)
        try fields.encode(counts.alreadyEnqueued, forKey: .alreadyEnqueued)
        try fields.encode(counts.alreadyProcessed, forKey: .alreadyProcessed)
        try fields.encode(counts.skipped, forKey: .skipped)
        try fields.encodeIfPresent(state == .waiting ? until : nil, forKey: .until)
        try fields.encodeIfPresent(problem, forKey: .error)
        try fields.encode(createdAt, forKey: .createdAt)
        try fields.encode(updatedAt, forKey: .updatedAt)
        try fields.encodeIfPresent(endedAt, forKey: .endedAt)
    }
}
