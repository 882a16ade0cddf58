import Contracts
import Databases
import GRDB
import ServiceKit

extension DeadLetterIndex {
    /// Returns a page of the open entries, and the number of entries on all pages.
    func list(_ query: DeadLetterQuery) async throws -> (items: [IndexedDeadLetter], total: Int) {
        let filter = DeadLetterFilter(query)
        let direction = query.isAscending ? "ASC" : "DESC"
        return try await database.read { db in
            let total = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM dead_letter WHERE \(filter.sql)", arguments: filter.arguments)
            let items = try entries(
                db,
                """
                SELECT * FROM dead_letter WHERE \(filter.sql)
                ORDER BY \(query.order.rawValue) \(direction), id \(direction), number \(direction) LIMIT ? OFFSET ?
                """,
                filter.arguments + [query.pageSize, (query.page - 1) * query.pageSize])
            return (items, total ?? 0)
        }
    }

    /// Returns the latest entry of each id, open or not.
    func entries(_ ids: [String]) async throws -> [String: IndexedDeadLetter] {
        try await database.read { db in
            var found: [String: IndexedDeadLetter] = [:]
            for id in ids {
                found[id] = try entries(
                    db, "SELECT * FROM dead_letter WHERE id = ? ORDER BY dead_at DESC, requeues DESC LIMIT 1", [id]
                ).first
            }
            return found
        }
    }

    /// Returns the open entries of dead letters that ended before a time, oldest first.
    func entries(deadBefore time: Timestamp, reason: String?, limit: Int) async throws -> [IndexedDeadLetter] {
        var query = DeadLetterQuery()
        query.reason = reason
        let filter = DeadLetterFilter(query)
        return try await database.read { db in
            try entries(
                db, "SELECT * FROM dead_letter WHERE \(filter.sql) AND dead_at < ? ORDER BY dead_at LIMIT ?",
                filter.arguments + [time.description, limit])
        }
    }

    /// Counts the open entries by reason, and those that ended since a time.
    func counts(since time: Timestamp) async throws -> (byReason: [String: Int], recent: Int) {
        let filter = DeadLetterFilter(DeadLetterQuery())
        return try await database.read { db in
            let counts = try db.readAll(
                "SELECT reason, count(*) AS number FROM dead_letter WHERE \(filter.sql) GROUP BY reason",
                filter.arguments, skipped: logSkipped
            ) { row in (try row.value("reason", as: String.self), try row.value("number", as: Int.self)) }
            let recent = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM dead_letter WHERE \(filter.sql) AND dead_at >= ?",
                arguments: filter.arguments + [time.description])
            return (Dictionary(counts) { first, _ in first }, recent ?? 0)
        }
    }

    /// Returns what operators did with a dead letter, the latest first: `requeue done`, `purge begun`.
    func operatorRequests(of id: String) async throws -> [String] {
        try await database.read { db in
            try String.fetchAll(
                db, sql: "SELECT action || ' ' || outcome FROM deed WHERE id = ? ORDER BY number DESC",
                arguments: [id])
        }
    }

    func entries(
        _ db: Database, _ sql: String, _ arguments: StatementArguments
    ) throws -> [IndexedDeadLetter] {
        try db.readAll(sql, arguments, skipped: logSkipped) { try IndexedDeadLetter($0) }
    }

    private func logSkipped(_ row: UnreadableRow) {
        logger.warning(
            "an entry of the index was skipped because it cannot be read",
            metadata: [LogKey.error: .string("\(row)")])
    }
}
