import Foundation
import GRDB
import TestSupport

/// A database of an earlier version.
enum LedgerDump {
    /// Writes the database that the version before the planner left: three expansions (completed, half read, not
    /// started), an artist in the middle of a poll, a watched playlist, a backfill in the middle, and 40 jobs.
    /// - Returns: The path.
    static func writeBeforePlanner(to folder: TemporaryFolder) throws -> String {
        try write("before-planner", to: folder)
    }

    /// Writes the database that the version before the leases left: jobs in every state, reviews with and without a
    /// decision, and an outbox with jobs, events, a link and cancellations that go to `hdm.control`.
    /// - Returns: The path.
    static func writeBeforeLeases(to folder: TemporaryFolder) throws -> String {
        try write("before-leases", to: folder)
    }

    private static func write(_ name: String, to folder: TemporaryFolder) throws -> String {
        guard let url = Bundle.module.url(forResource: "Dumps/\(name)", withExtension: "sql") else {
            throw CocoaError(.fileNoSuchFile)
        }
        let path = folder.path("idempotency.db")
        let queue = try DatabaseQueue(path: path)
        let sql = try String(contentsOf: url, encoding: .utf8)
        try queue.writeWithoutTransaction { db in try db.execute(sql: sql) }
        try queue.close()
        return path
    }

    /// Returns all rows of a table, sorted, as text.
    static func rows(of table: String, in path: String) throws -> [String] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map(\.description).sorted()
        }
    }
}
