import Contracts
import Foundation
import GRDB
import Metadata

/// A link that becomes jobs, and how far that is.
struct Expansion: Sendable, Equatable {
    enum State: String, Codable, Sendable, CaseIterable {
        /// Not begun.
        case queued
        /// Being read.
        case expanding
        /// Until a time, or for somebody; `problem` says why.
        case waiting
        case completed, failed, cancelled

        var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }
    }

    /// Why it waits or failed.
    struct Problem: Codable, Sendable, Equatable {
        var code: String
        var message: String

        init(code: String, message: String) {
            self.code = code
            self.message = message
        }

        /// The columns `code` and `message` of work that is done in steps; `nil` when nothing is in its way.
        init?(_ row: Row) {
            guard let code = row["code"] as String? else { return nil }
            self.init(code: code, message: row["message"] ?? "")
        }
    }

    /// Counts in the order in which links came.
    let number: Int64
    let id: JobID
    let link: CatalogueLink
    let plan: ExpansionPlan
    var state: State
    var cursor: ExpansionCursor
    var counts: ExpansionCounts
    /// How many entries there are, as far as the catalogue says.
    var total: Int?
    var problem: Problem?
    /// Attempts in a row that brought nothing.
    var failures: Int
    /// When the next step is due.
    var dueAt: Timestamp
    /// How many steps were taken.
    let step: Int
    let createdAt: Timestamp
    let updatedAt: Timestamp
    var endedAt: Timestamp?

    init(_ row: Row) throws {
        guard let id = JobID(row["expansion_id"] as String), let state = State(rawValue: row["state"]) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "an expansion has no id or no state")
        }
        number = row["number"]
        self.id = id
        self.state = state
        link = try CatalogueLink(row["link"] as String)
        plan = try ContractCoding.decode(ExpansionPlan.self, from: row["plan"])
        cursor = try ContractCoding.decode(ExpansionCursor.self, from: row["cursor"])
        counts = try ContractCoding.decode(ExpansionCounts.self, from: row["counts"])
        total = row["total"]
        problem = Problem(row)
        failures = row["failures"]
        dueAt = Timestamp(milliseconds: row["due_at"])
        step = row["step"]
        createdAt = Timestamp(milliseconds: row["created_at"])
        updatedAt = Timestamp(milliseconds: row["updated_at"])
        endedAt = (row["ended_at"] as Int64?).map { Timestamp(milliseconds: $0) }
    }
}

/// How an expansion is shown.
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
