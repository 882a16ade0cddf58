import Contracts
import Databases
import Foundation
import GRDB

/// Remembers which questions brought nothing, so that a source with a budget is not asked again too soon.
///
/// Shared by all match processes of a host. Losing it costs questions, nothing else.
struct NegativeSearchCache: Sendable {
    private let pool: DatabasePool
    /// How long nothing stays nothing.
    private let lifetime: Duration

    /// Opens or makes the database; blocks on the disk.
    /// - Throws: `NewerDatabase`, `DatabaseError`.
    init(_ file: URL, lifetime: Duration) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        pool = try DatabaseFile.open(file.path(percentEncoded: false), configuration, Self.migrator)
        self.lifetime = lifetime
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("001 misses") { db in
            try db.create(table: "misses") { table in
                table.column("source", .text).notNull()
                table.column("query", .text).notNull()
                table.column("at", .integer).notNull().indexed()
                table.primaryKey(["source", "query"])
            }
        }
        return migrator
    }

    /// Whether the source had nothing for the question a short while ago.
    func holds(_ source: String, _ query: String) async throws -> Bool {
        let since = Self.seconds(.now + (.zero - lifetime))
        return try await pool.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM misses WHERE source = ? AND query = ? AND at > ?)",
                arguments: [source, query, since]) ?? false
        }
    }

    /// Notes that the source had nothing for the question, and forgets what is too old to count.
    func note(_ source: String, _ query: String) async throws {
        let now = Timestamp.now
        let since = Self.seconds(now + (.zero - lifetime))
        try await pool.write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO misses (source, query, at) VALUES (?, ?, ?)",
                arguments: [source, query, Self.seconds(now)])
            try db.execute(sql: "DELETE FROM misses WHERE at <= ?", arguments: [since])
        }
    }

    private static func seconds(_ time: Timestamp) -> Int64 { Int64(time.date.timeIntervalSince1970) }
}
