import Contracts
import Databases
import GRDB

/// A table whose rows are work that is done in steps, by one process at a time: `lease_owner` has the row until
/// `leased_until`; after that any process may take it.
///
/// The lease only avoids double work. Each commit names the `step` that it follows, and has no effect when another
/// process committed that step before.
enum TaskTable: String, Sendable {
    case expansions, watchlist, backfills

    /// The first part of submission keys. A public contract.
    var keyPrefix: String {
        switch self {
        case .expansions: "expansion"
        case .watchlist: "watch"
        case .backfills: "backfill"
        }
    }

    /// Which rows have a step due at `:now`.
    fileprivate var isDue: String {
        switch self {
        case .expansions: "ended_at IS NULL AND due_at <= :now"
        case .backfills: "ended_at IS NULL AND state <> 'paused' AND due_at <= :now"
        case .watchlist: "due_at <= :now AND (paused = 0 OR resume_at <= :now)"
        }
    }

    /// Takes a row that cannot be decoded out of the work: it fails, or is paused, with the reason.
    ///
    /// The step advances because a pending submission is deleted: its key must not be used for other bytes.
    fileprivate var parking: String {
        switch self {
        case .expansions, .backfills:
            "state = 'failed', ended_at = :now, updated_at = :now, step = step + 1"
        case .watchlist: "paused = 1, resume_at = NULL, pause_reason = :reason, step = step + 1"
        }
    }
}

/// The result of taking a due row.
enum Lease<Row: TaskRow>: Sendable {
    case nothingDue
    case row(Row)
    /// The row cannot be decoded; it is taken out of the work.
    case unreadable(number: Int64, reason: String)
}

extension PlannerStore {
    /// How long a process may be silent before another one takes its row.
    static let leaseTime: Duration = .seconds(20)
    /// The problem code of a row that cannot be decoded.
    static let unreadableCode = "unreadable"

    /// Leases the row that has been due for the longest time and is free.
    func lease<Task: TaskRow>(_: Task.Type = Task.self, to owner: String) async throws -> Lease<Task> {
        let (now, table) = (clock(), Task.table)
        let free = "SELECT number FROM \(table.rawValue) WHERE \(table.isDue) AND leased_until <= :now"
        // Reading is cheap and writing is not; mostly nothing is due.
        let found = try await writer.read { db in
            try Int64.fetchOne(db, sql: "\(free) LIMIT 1", arguments: ["now": now.milliseconds])
        }
        guard found != nil else { return .nothingDue }
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
            guard let row else { return .nothingDue }
            do {
                return .row(try Task(row))
            } catch let error as UnreadableRow {
                let number: Int64 = row["number"]
                try Self.park(number, in: table, reason: "\(error)", at: now, db)
                return .unreadable(number: number, reason: "\(error)")
            }
        }
    }

    private static func park(
        _ number: Int64, in table: TaskTable, reason: String, at now: Timestamp, _ db: Database
    ) throws {
        let usesNow = table.parking.contains(":now")
        var arguments: StatementArguments = [
            "reason": "this entry cannot be read: \(reason)", "code": unreadableCode, "number": number,
        ]
        if usesNow { arguments += ["now": now.milliseconds] }
        try db.execute(
            sql: """
                UPDATE \(table.rawValue) SET
                    \(table.parking), code = :code, message = :reason, pending = NULL, leased_until = 0
                WHERE number = :number
                """, arguments: arguments)
        try deleteSubmissions(of: number, in: table, db)
    }

    /// Extends a lease; has no effect when another process has the row.
    func renewLease(of number: Int64, in table: TaskTable, by owner: String) async throws {
        let until = clock() + Self.leaseTime
        try await writer.write(.soon) { db in
            try db.execute(
                sql: "UPDATE \(table.rawValue) SET leased_until = ? WHERE number = ? AND lease_owner = ?",
                arguments: [until.milliseconds, number, owner])
        }
    }

    /// Ends a lease, so that any process may take the row at once.
    func release(_ number: Int64, in table: TaskTable, by owner: String) async throws {
        try await writer.write(.soon) { db in
            try db.execute(
                sql: "UPDATE \(table.rawValue) SET leased_until = 0 WHERE number = ? AND lease_owner = ?",
                arguments: [number, owner])
        }
    }

    /// Ends all leases of a former process with the same name.
    func releaseAll(in table: TaskTable, by owner: String) async throws {
        try await writer.write(.soon) { db in
            try db.execute(
                sql: "UPDATE \(table.rawValue) SET leased_until = 0 WHERE lease_owner = ?", arguments: [owner])
        }
    }
}
