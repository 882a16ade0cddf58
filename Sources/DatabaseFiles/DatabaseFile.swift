import Foundation
public import GRDB

/// A SQLite file that several processes may open, and make, at the same instant.
///
/// SQLite does not wait its turn in two places, whatever the busy timeout: at the change to the write-ahead log, and
/// between the look at which migrations are done and the attempt to do them. Whoever comes second tries again here, and
/// finds the work done.
public enum DatabaseFile {
    private static let attempts = 40
    private static let pause = 0.05

    /// Opens or makes a pool with a write-ahead log, and brings its schema up to date. Blocks.
    /// - Parameter path: in a folder that is there.
    /// - Throws: ``NewerDatabase``, `DatabaseError`.
    public static func open(
        _ path: String, _ configuration: Configuration, _ migrator: DatabaseMigrator
    ) throws -> DatabasePool {
        let pool = try whileBusy { try DatabasePool(path: path, configuration: configuration) }
        try migrate(pool, migrator)
        return pool
    }

    /// Brings the schema of an open database up to date. Blocks.
    /// - Throws: ``NewerDatabase``, `DatabaseError`.
    public static func migrate(_ writer: some DatabaseWriter, _ migrator: DatabaseMigrator) throws {
        for _ in 1..<attempts {
            let before = try applied(writer, migrator)
            do {
                return try whileBusy { try migrator.migrate(writer) }
            } catch {
                // Another process took the step between our look and our attempt; go on from there.
                guard try applied(writer, migrator) != before else { throw error }
            }
        }
        try migrator.migrate(writer)
    }

    private static func applied(_ writer: some DatabaseWriter, _ migrator: DatabaseMigrator) throws -> Set<String> {
        try whileBusy {
            try writer.read { db in
                guard try !migrator.hasBeenSuperseded(db) else { throw NewerDatabase(path: writer.path) }
                return try migrator.appliedIdentifiers(db)
            }
        }
    }

    private static func whileBusy<Value>(_ work: () throws -> Value) throws -> Value {
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

/// A database was changed by a later version of the program, which may mean other things by it.
public struct NewerDatabase: Error, Sendable, CustomStringConvertible {
    public let path: String

    public var description: String {
        "\(path) was changed by a newer version of this program; run that version, or restore a backup"
    }
}
