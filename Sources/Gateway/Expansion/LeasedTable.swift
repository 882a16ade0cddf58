import Contracts
import GRDB

/// A table whose rows are work that is done in steps, by one process at a time: `lease_owner` does it until
/// `leased_until`, then anybody may take it over.
///
/// Only economy depends on it that one process works on a row: each step names the `step` that it follows, and is not
/// kept when another one was.
enum LeasedTable: String, Sendable {
    case expansions, watchlist, backfills

    /// Which rows have something to do at `:now`.
    fileprivate var isDue: String {
        switch self {
        case .expansions: "ended_at IS NULL AND due_at <= :now"
        case .backfills: "ended_at IS NULL AND state <> 'paused' AND due_at <= :now"
        case .watchlist: "due_at <= :now AND (paused = 0 OR resume_at <= :now)"
        }
    }
}

extension JobStore {
    /// How long a process may be silent before its work is taken over.
    static let leaseTime: Duration = .seconds(20)

    /// Leases the row that is due for the longest time and that nobody works on; `nil` when there is none.
    func lease<Piece: Sendable>(
        from table: LeasedTable, to owner: String, _ read: @escaping @Sendable (Row) throws -> Piece
    ) async throws -> Piece? {
        let now = clock()
        let free = "SELECT number FROM \(table.rawValue) WHERE \(table.isDue) AND leased_until <= :now"
        // Looking is cheap and writing is not: there is mostly nothing to do.
        let found = try await writer.read { db in
            try Int64.fetchOne(db, sql: "\(free) LIMIT 1", arguments: ["now": now.milliseconds])
        }
        guard found != nil else { return nil }
        return try await writer.write(.soon) { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    UPDATE \(table.rawValue) SET lease_owner = :owner, leased_until = :until
                    WHERE number = (\(free) ORDER BY due_at, number LIMIT 1) RETURNING *
                    """,
                arguments: [
                    "now": now.milliseconds, "owner": owner, "until": (now + Self.leaseTime).milliseconds,
                ])
            return try row.map(read)
        }
    }

    /// Keeps a row for longer; changes nothing when another process has it by now.
    func renewLease(of number: Int64, in table: LeasedTable, by owner: String) async throws {
        let until = clock() + Self.leaseTime
        try await writer.write(.soon) { db in
            try db.execute(
                sql: "UPDATE \(table.rawValue) SET leased_until = ? WHERE number = ? AND lease_owner = ?",
                arguments: [until.milliseconds, number, owner])
        }
    }

    /// Gives a row back, for anybody to take at once.
    func giveBack(_ number: Int64, in table: LeasedTable, by owner: String) async throws {
        try await writer.write(.soon) { db in
            try db.execute(
                sql: "UPDATE \(table.rawValue) SET leased_until = 0 WHERE number = ? AND lease_owner = ?",
                arguments: [number, owner])
        }
    }

    /// Gives everything back that a former process of the same name held when it died.
    func giveBackAll(in table: LeasedTable, by owner: String) async throws {
        try await writer.write(.soon) { db in
            try db.execute(
                sql: "UPDATE \(table.rawValue) SET leased_until = 0 WHERE lease_owner = ?", arguments: [owner])
        }
    }
}
