import Contracts
import Foundation
import GRDB

extension DeadLetterPresence {
    /// How long a message may be missing before it counts as gone.
    static let patience: Duration = .seconds(60)
}

/// An entry of the index.
struct IndexedDeadLetter: Sendable, Equatable {
    var record: DeadLetterRecord
    var createdAt: String
    var updatedAt: String
    var presence: DeadLetterPresence
    var isRequeued: Bool
    var isPurged: Bool

    /// Whether nobody has sent it back or dropped it.
    var isOpen: Bool { !isRequeued && !isPurged }
}

/// What a list shows, and in which order.
struct DeadLetterQuery: Sendable, Equatable {
    enum Order: String, CaseIterable, Sendable {
        case createdAt = "created_at"
        case updatedAt = "updated_at"
    }

    var page = 1
    var pageSize = 25
    var order = Order.createdAt
    var isAscending = false
    /// A reason code, or a part of the message.
    var reason: String?
    var stage: String?
    var from: Timestamp?
    var to: Timestamp?
    var includesGone = false
}

// What the index is asked.
extension DeadLetterIndex {
    /// A page of the open entries, with the count of all that fit.
    func list(_ query: DeadLetterQuery) async throws -> (items: [IndexedDeadLetter], total: Int) {
        let filter = Filter(query)
        return try await database.read { database in
            let total = try Int.fetchOne(
                database, sql: "SELECT count(*) FROM dead_letter WHERE \(filter.sql)", arguments: filter.arguments)
            let direction = query.isAscending ? "ASC" : "DESC"
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM dead_letter WHERE \(filter.sql)
                    ORDER BY \(query.order.rawValue) \(direction), id \(direction) LIMIT ? OFFSET ?
                    """,
                arguments: filter.arguments + [query.pageSize, (query.page - 1) * query.pageSize])
            return (rows.map(IndexedDeadLetter.init), total ?? 0)
        }
    }

    /// The entries of these ids, open or not.
    func entries(_ ids: [String]) async throws -> [String: IndexedDeadLetter] {
        try await database.read { database in
            var found: [String: IndexedDeadLetter] = [:]
            for id in ids {
                let row = try Row.fetchOne(database, sql: "SELECT * FROM dead_letter WHERE id = ?", arguments: [id])
                found[id] = row.map(IndexedDeadLetter.init)
            }
            return found
        }
    }

    /// The open entries of dead letters that died before a time, oldest first.
    func entries(deadBefore time: Timestamp, reason: String?, limit: Int) async throws -> [IndexedDeadLetter] {
        var query = DeadLetterQuery()
        query.reason = reason
        let filter = Filter(query)
        return try await database.read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM dead_letter WHERE \(filter.sql) AND dead_at < ? ORDER BY dead_at LIMIT ?",
                arguments: filter.arguments + [time.description, limit]
            ).map(IndexedDeadLetter.init)
        }
    }

    /// How many open entries there are of each reason, and how many of them died since a time.
    func counts(since time: Timestamp) async throws -> (byReason: [String: Int], recent: Int) {
        let filter = Filter(DeadLetterQuery())
        return try await database.read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT reason, count(*) AS number FROM dead_letter WHERE \(filter.sql) GROUP BY reason",
                arguments: filter.arguments)
            let recent = try Int.fetchOne(
                database, sql: "SELECT count(*) FROM dead_letter WHERE \(filter.sql) AND dead_at >= ?",
                arguments: filter.arguments + [time.description])
            return (Dictionary(rows.map { ($0["reason"], $0["number"]) }) { first, _ in first }, recent ?? 0)
        }
    }

    /// What operators did to a dead letter, the latest first: `requeue done`, `purge begun`.
    func operatorRequests(of id: String) async throws -> [String] {
        try await database.read { database in
            try String.fetchAll(
                database, sql: "SELECT action || ' ' || outcome FROM deed WHERE id = ? ORDER BY number DESC",
                arguments: [id])
        }
    }
}

/// The condition of a query.
private struct Filter {
    var sql = "requeued_at IS NULL AND purged_at IS NULL"
    var arguments = StatementArguments()

    init(_ query: DeadLetterQuery) {
        if !query.includesGone {
            let limit = Timestamp.now + (.zero - DeadLetterPresence.patience)
            add("(missing_since IS NULL OR missing_since > ?)", [limit.description])
        }
        if let stage = query.stage { add("stage = ?", [stage]) }
        if let from = query.from { add("created_at >= ?", [from.description]) }
        if let to = query.to { add("created_at <= ?", [to.description]) }
        if let reason = query.reason {
            add("(reason = ? OR instr(lower(error), lower(?)) > 0)", [reason, reason])
        }
    }

    private mutating func add(_ condition: String, _ values: StatementArguments) {
        sql += " AND " + condition
        arguments += values
    }
}

extension IndexedDeadLetter {
    init(_ row: Row) {
        record = DeadLetterRecord(row)
        createdAt = row["created_at"]
        updatedAt = row["updated_at"]
        isRequeued = row["requeued_at"] != nil
        isPurged = row["purged_at"] != nil
        let missing = (row["missing_since"] as String?).flatMap { Timestamp($0) }
        presence = missing.map { Timestamp.now.since($0) < DeadLetterPresence.patience ? .held : .gone } ?? .present
    }
}

extension DeadLetterRecord {
    fileprivate init(_ row: Row) {
        id = row["id"]
        jobID = row["job_id"]
        batchID = row["batch_id"]
        kind = row["kind"]
        artist = row["artist"]
        title = row["title"]
        stage = row["stage"]
        queue = row["queue"]
        reason = row["reason"]
        error = row["error"]
        attempt = row["attempt"]
        requeues = row["requeues"]
        priority = row["priority"]
        worker = row["worker"]
        deadAt = row["dead_at"]
    }
}
