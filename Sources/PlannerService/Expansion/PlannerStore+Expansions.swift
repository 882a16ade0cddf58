import Contracts
import Databases
import Foundation
import GRDB

// Links and how far they were read.
extension PlannerStore {
    /// Stores a link that is to be expanded. A repeated request has no effect.
    func insert(_ request: LinkRequest, traceparent: String? = nil) async throws {
        let now = clock()
        let plan = JobPlan(request, traceparent: traceparent)
        try await writer.write(.onDisk) { db in
            try db.cachedStatement(
                sql: """
                    INSERT INTO expansions (
                        expansion_id, batch_id, link, plan, state, cursor, counts, due_at, created_at, updated_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (expansion_id) DO NOTHING
                    """
            ).execute(arguments: [
                request.expansionID.text, plan.batchID, request.link, try ContractCoding.encode(plan),
                Expansion.State.queued.rawValue, try ContractCoding.encode(ExpansionCursor()),
                try ContractCoding.encode(TaskCounts()), now.milliseconds, request.submittedAt.milliseconds,
                now.milliseconds,
            ])
        }
    }

    /// Returns an expansion, or `nil` when there is none with this id.
    /// - Throws: `UnreadableRow`, `DatabaseError`.
    func expansion(_ id: JobID) async throws -> Expansion? {
        try await writer.read { db in try Self.expansion(id, db) }
    }

    private static func expansion(_ id: JobID, _ db: Database) throws -> Expansion? {
        try db.readFirst("SELECT * FROM expansions WHERE expansion_id = ?", [id.text]) { try Expansion($0) }
    }

    /// Ends the reading of a link. Jobs that were submitted stay.
    /// - Returns: the expansion after that; `nil` when there is none with this id.
    func cancelExpansion(_ id: JobID) async throws -> Expansion? {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            guard let expansion = try Self.expansion(id, db), !expansion.state.isFinal else {
                return try Self.expansion(id, db)
            }
            var after = expansion.progress
            after.state = .cancelled
            after.problem = nil
            try Self.end(expansion, after, [], at: now, db)
            return try Self.expansion(id, db)
        }
    }
}

// MARK: - Events

extension PlannerStore {
    /// Returns the states of expansions that changed since their last confirmed event, also of those that cannot be
    /// decoded.
    func unemittedExpansions(limit: Int) async throws -> [(number: Int64, event: ExpansionEvent)] {
        let now = clock()
        return try await writer.read { db in
            try db.readAll(
                "SELECT * FROM expansions WHERE emitted_step < step ORDER BY number LIMIT ?", [limit]
            ) { row in (try row.value("number"), try Self.event(row, at: now)) }
        }
    }

    /// Records that an event was confirmed.
    func didEmit(_ event: ExpansionEvent, of number: Int64) async throws {
        try await writer.write(.soon) { db in
            try db.execute(
                sql: "UPDATE expansions SET emitted_step = ? WHERE number = ? AND emitted_step < ?",
                arguments: [event.step, number, event.step])
        }
    }

    private static func event(_ row: Row, at now: Timestamp) throws -> ExpansionEvent {
        let counts = try? row.json("counts", as: TaskCounts.self)
        var event = ExpansionEvent(
            expansionID: try row.jobID("expansion_id"), batchID: try row.jobID("batch_id"),
            link: try row.value("link"), step: try row.value("step"), state: try row.enumeration("state"),
            counts: counts?.summary ?? ExpansionEvent.Counts(), at: now)
        event.total = try row.optionalValue("total")
        event.error = try row.problem()
        if event.state == .waiting { event.until = try row.time("due_at") }
        return event
    }
}
