import GRDB

/// What a commit is worth when the power goes (SQLite, `PRAGMA synchronous` with a write-ahead log). A killed process
/// loses neither.
enum Durability: String, Sendable {
    /// On the disk when the call returns: for what is promised or acknowledged afterwards.
    case onDisk = "FULL"
    /// On the disk with the next commit that is, or soon: for what may be done again.
    case soon = "NORMAL"
}

extension DatabaseWriter {
    /// Runs updates in one transaction; they leave nothing behind when they throw.
    func write<Value: Sendable>(
        _ durability: Durability, _ updates: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await writeWithoutTransaction { db in
            // Every write says what it needs: none relies on what another one left.
            try db.execute(sql: "PRAGMA synchronous = \(durability.rawValue)")
            var value: Value?
            try db.inTransaction(.immediate) {
                value = try updates(db)
                return .commit
            }
            guard let value else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
            return value
        }
    }
}
