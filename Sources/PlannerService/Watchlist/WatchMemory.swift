import GRDB

/// The releases and recordings that were found before, of one watched artist or playlist.
struct WatchMemory {
    /// The number of the entry.
    let watch: Int64

    func containsAny(of keys: [String], _ db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: "SELECT EXISTS (SELECT 1 FROM watchlist_seen WHERE watch = ? AND key = ?)")
        return try keys.contains { try Bool.fetchOne(statement, arguments: [watch, $0]) ?? false }
    }

    func add(_ keys: [String], _ db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO watchlist_seen (watch, key) VALUES (?, ?) ON CONFLICT DO NOTHING")
        for key in keys { try statement.execute(arguments: [watch, key]) }
    }
}
