import Foundation
public import GRDB

/// Opens SQLite files that several processes may open and create at the same time.
///
/// SQLite ignores the busy timeout in two places: when it switches to the write-ahead log, and between reading the
/// list of applied migrations and applying the next one. The process that loses such a race retries here, and then
/// finds the work done.
public enum DatabaseFile {
    private static let attempts = 40
    /// Seconds.
    private static let pause = 0.05

    /// Opens or creates a pool with a write-ahead log, and applies the missing migrations. Blocks.
    /// - Parameter path: The folder must exist.
    /// - Throws: ``NewerDatabase``, `DatabaseError`.
    public static func open(
        _ path: String, _ configuration: Configuration, _ migrator: DatabaseMigrator
    ) throws -> DatabasePool {
        let pool = try retryingWhileBusy { try DatabasePool(path: path, configuration: configuration) }
        try migrate(pool, migrator)
        try retryingWhileBusy { try ReaderConnections.open(of: pool) }
        return pool
    }

    /// Applies the missing migrations to an open database. Blocks.
    /// - Throws: ``NewerDatabase``, `DatabaseError`.
    public static func migrate(_ writer: some DatabaseWriter, _ migrator: DatabaseMigrator) throws {
        for _ in 1..<attempts {
            let before = try appliedMigrations(writer, migrator)
            do {
                return try retryingWhileBusy { try migrator.migrate(writer) }
            } catch {
                // Another process may have applied the same migration in between. Then continue after it.
                guard try appliedMigrations(writer, migrator) != before else { throw error }
            }
        }
        try migrator.migrate(writer)
    }

    private static func appliedMigrations(
        _ writer: some DatabaseWriter, _ migrator: DatabaseMigrator
    ) throws -> Set<String> {
        try retryingWhileBusy {
            try writer.read { db in
                guard try !migrator.hasBeenSuperseded(db) else { throw NewerDatabase(path: writer.path) }
                return try migrator.appliedIdentifiers(db)
            }
        }
    }

    private static func retryingWhileBusy<Value>(_ work: () throws -> Value) throws -> Value {
        for _ in 1..<attempts {
            do {
                return try work()
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                Thread.sleep(forTimeInterval: pause)
            }
        }
        return try work()
    }
}

/// A newer version of the program changed the database, so that this version may misread it.
public struct NewerDatabase: Error, Sendable, CustomStringConvertible {
    public let path: String

    public var description: String {
        "\(path) was changed by a newer version of this program; run that version, or restore a backup"
    }
}
