import Contracts
import Foundation
import GRDB

// Links and how far they were read.
extension JobStore {
    /// Keeps a link that is to become jobs.
    static func insert(
        _ new: NewExpansion, at now: Timestamp, _ db: Database
    ) throws -> SubmissionResponse.Expanding {
        try db.cachedStatement(
            sql: """
                INSERT INTO expansions (
                    expansion_id, batch_id, link, plan, state, cursor, counts, due_at, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            new.id.text, new.plan.batchID, new.link.description, ContractCoding.encode(new.plan),
            Expansion.State.queued.rawValue, ContractCoding.encode(ExpansionCursor()),
            ContractCoding.encode(ExpansionCounts()), now.milliseconds, now.milliseconds, now.milliseconds,
        ])
        return SubmissionResponse.Expanding(
            index: new.plan.index, expansionID: new.id, link: new.link.description)
    }

    /// A link and how far it was read; `nil` when none of that id is known.
    func expansion(_ id: JobID) async throws -> Expansion? {
        try await writer.read { db in try Self.expansion(id, db) }
    }

    static func expansion(_ id: JobID, _ db: Database) throws -> Expansion? {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM expansions WHERE expansion_id = ?"), arguments: [id.text])
        return try row.map(Expansion.init)
    }

    /// The links of a batch, in the order in which they came.
    static func expansions(inBatch id: String, _ db: Database) throws -> [Expansion] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM expansions WHERE batch_id = ? ORDER BY number", arguments: [id]
        ).map(Expansion.init)
    }

    /// Ends the reading of a link. Jobs that it has become already stay.
    /// - Returns: the link as it is then; `nil` when none of that id is known.
    func cancelExpansion(_ id: JobID) async throws -> Expansion? {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            guard var expansion = try Self.expansion(id, db), !expansion.state.isFinal else {
                return try Self.expansion(id, db)
            }
            expansion.state = .cancelled
            expansion.problem = nil
            _ = try Self.save(expansion, at: now, db)
            return try Self.expansion(id, db)
        }
    }

    /// Keeps the outcome of a step.
    /// - Returns: whether it counts; not when another process took the step, or the link was cancelled.
    func save(_ expansion: Expansion) async throws -> Bool {
        let now = clock()
        return try await writer.write(.onDisk) { db in try Self.save(expansion, at: now, db) }
    }

    static func save(_ expansion: Expansion, at now: Timestamp, _ db: Database) throws -> Bool {
        try db.cachedStatement(
            sql: """
                UPDATE expansions SET
                    state = ?, cursor = ?, counts = ?, total = ?, code = ?, message = ?, failures = ?, due_at = ?,
                    step = step + 1, lease_owner = NULL, leased_until = 0, updated_at = ?, ended_at = ?
                WHERE number = ? AND step = ? AND ended_at IS NULL
                """
        ).execute(arguments: [
            expansion.state.rawValue, ContractCoding.encode(expansion.cursor),
            ContractCoding.encode(expansion.counts), expansion.total, expansion.problem?.code,
            expansion.problem?.message, expansion.failures, expansion.dueAt.milliseconds, now.milliseconds,
            expansion.state.isFinal ? now.milliseconds : nil, expansion.number, expansion.step,
        ])
        let isKept = db.changesCount == 1
        if isKept, expansion.state.isFinal {
            try db.cachedStatement(sql: "DELETE FROM expansion_seen WHERE expansion_id = ?")
                .execute(arguments: [expansion.id.text])
        }
        return isKept
    }
}
