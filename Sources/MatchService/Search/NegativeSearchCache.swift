import Contracts
import Databases
import Foundation
import GRDB

/// A persistent cache of queries without a result, so that they do not use the budget of a source again too soon.
///
/// All match processes of a host share it. Its loss costs only repeated queries.
struct NegativeSearchCache: Sendable {
    private let pool: DatabasePool
    /// How long an entry is valid.
    private let lifetime: Duration

    private static let migrations: [Migration] = [.match001Misses]

    /// Opens or creates the database. Blocks.
    /// - Throws: `NewerDatabase`, `DatabaseError`.
    init(_ file: URL, lifetime: Duration) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        pool = try DatabaseFile.open(
            file.path(percentEncoded: false), configuration, DatabaseMigrator(Self.migrations))
        self.lifetime = lifetime
    }

    /// Returns whether a source recently had no result for a query.
    func contains(_ source: String, _ query: String) async throws -> Bool {
        let since = Self.seconds(.now + (.zero - lifetime))
        return try await pool.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM misses WHERE source = ? AND query = ? AND at > ?)",
                arguments: [source, query, since]) ?? false
        }
    }

    /// Records that a source has no result for a query, and deletes expired entries.
    func insert(_ source: String, _ query: String) async throws {
        let now = Timestamp.now
        let since = Self.seconds(now + (.zero - lifetime))
        try await pool.write(.soon) { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO misses (source, query, at) VALUES (?, ?, ?)",
                arguments: [source, query, Self.seconds(now)])
            try db.execute(sql: "DELETE FROM misses WHERE at <= ?", arguments: [since])
        }
    }

    private static func seconds(_ time: Timestamp) -> Int64 { Int64(time.date.timeIntervalSince1970) }
}
