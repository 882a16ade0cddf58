import Contracts
import Databases
import GRDB

// Messages that wait to be published. A power failure may undo these writes: then a message is published twice, but never
// lost.
extension JobStore {
    /// The longest lease. One that ends later was taken before the clock was set back, and counts as ended.
    public static let longestLease: Duration = .seconds(60)

    /// Leases the entries with the highest priority that no other process leases.
    public func lease(_ count: Int, to owner: String, for span: Duration) async throws -> [OutboxEntry] {
        try await lease(count, to: owner, for: span, damaged: { _ in })
    }

    /// Leases the entries with the highest priority that no other process leases.
    /// - Parameters:
    ///   - span: at most ``longestLease``.
    ///   - damaged: receives the rows that cannot be read. They stay, so that a person can repair them.
    public func lease(
        _ count: Int, to owner: String, for span: Duration, damaged: @escaping @Sendable (DamagedOutboxRow) -> Void
    ) async throws -> [OutboxEntry] {
        try await writer.write(.soon) { [clock] db in
            // Inside the transaction: a process that waits for it must not take later leases for leases from the future.
            let now = clock()
            let entries = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        UPDATE outbox SET lease_owner = ?, leased_until = ? WHERE number IN (
                            SELECT number FROM outbox WHERE leased_until <= ? OR leased_until > ?
                            ORDER BY priority DESC, number LIMIT ?)
                        RETURNING number, message_id, job_id, batch_id, priority, body, traceparent,
                            exchange, routing_key, type, headers
                        """),
                arguments: [
                    owner, (now + min(span, Self.longestLease)).milliseconds, now.milliseconds,
                    (now + Self.longestLease).milliseconds, count,
                ]
            ).compactMap { row -> OutboxEntry? in
                // A damaged row must not block the others.
                do {
                    return try OutboxEntry(row)
                } catch {
                    damaged(DamagedOutboxRow(number: row["number"], job: row["job_id"], problem: "\(error)"))
                    return nil
                }
            }
            return entries.sorted { ($1.priority, $0.number) < ($0.priority, $1.number) }
        }
    }

    /// Deletes entries that the broker confirmed.
    public func remove(_ entries: [OutboxEntry]) async throws {
        try await writer.write(.soon) { db in
            let statement = try db.cachedStatement(sql: "DELETE FROM outbox WHERE number = ?")
            for entry in entries { try statement.execute(arguments: [entry.number]) }
        }
    }

    /// Ends the leases of entries that could not be published.
    public func release(_ entries: [OutboxEntry], of owner: String) async throws {
        try await writer.write(.soon) { db in
            let statement = try db.cachedStatement(
                sql: "UPDATE outbox SET leased_until = 0 WHERE number = ? AND lease_owner = ?")
            for entry in entries { try statement.execute(arguments: [entry.number, owner]) }
        }
    }

    /// Ends the leases that a former process of the same name had when it died.
    public func releaseAll(of owner: String) async throws {
        try await writer.write(.soon) { db in
            try db.execute(sql: "UPDATE outbox SET leased_until = 0 WHERE lease_owner = ?", arguments: [owner])
        }
    }

    /// Returns how many messages wait to be published.
    public func outboxDepth() async throws -> Int {
        try await writer.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM outbox") ?? 0 }
    }
}
