public import GRDB

/// What survives a power failure (SQLite's `PRAGMA synchronous` with a write-ahead log). A killed process loses
/// nothing in either mode.
public enum Durability: String, Sendable {
    /// The commit is on the disk when the call returns. For what is promised or acknowledged afterwards.
    case onDisk = "FULL"
    /// The commit reaches the disk with a later one. For what can be repeated.
    case soon = "NORMAL"
}

extension DatabaseWriter {
    /// Runs updates in one immediate transaction, which is rolled back when they throw.
    /// - Throws: What `updates` throws; `DatabaseError`.
    public func write<Value: Sendable>(
        _ durability: Durability, _ updates: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await writeWithoutTransaction { db in try db.write(durability, updates) }
    }

    /// Runs updates in one immediate transaction, which is rolled back when they throw. Blocks.
    /// - Throws: What `updates` throws; `DatabaseError`.
    public func writeBlocking<Value>(
        _ durability: Durability, _ updates: (Database) throws -> Value
    ) throws -> Value {
        try writeWithoutTransaction { db in try db.write(durability, updates) }
    }
}

extension Database {
    fileprivate func write<Value>(_ durability: Durability, _ updates: (Database) throws -> Value) throws -> Value {
        // The connection is shared, so every write sets its own mode.
        try execute(sql: "PRAGMA synchronous = \(durability.rawValue)")
        var value: Value?
        try inTransaction(.immediate) {
            value = try updates(self)
            return .commit
        }
        guard let value else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
        return value
    }
}
