import Contracts
import Databases
import Foundation
import GRDB

/// What HDM has put into the library, what it is about to put there, and what it did: `library.db`.
///
/// Several processes may share the file. Everything it is told is durable when a call returns. All functions block.
final class LibraryIndex: Sendable {
    let database: DatabaseQueue
    /// The file of the locks that go with the index, beside it.
    let lockFile: String

    /// Opens the index; makes it when it is missing.
    ///
    /// - Throws: `NewerDatabase` when a later version of HDM wrote it; `DatabaseError`; ``FileError``.
    init(at file: URL) throws {
        lockFile = file.deletingPathExtension().appendingPathExtension("lock").plainPath
        // SQLite does not wait for another process that changes the journal mode.
        database = try MoveLock.alone(with: lockFile) {
            let database = try Self.open(file)
            try DatabaseFile.migrate(database, LibraryMigrations.migrator)
            return database
        }
    }

    private static func open(_ file: URL) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "hdm.library"
        configuration.busyMode = .timeout(30)
        configuration.prepareDatabase { database in
            // FULL, which GRDB's own WAL mode is not: a power failure must not take back what the library shows.
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        }
        return try DatabaseQueue(path: file.plainPath, configuration: configuration)
    }

    func read<Value>(_ value: (Database) throws -> Value) throws -> Value { try database.read(value) }

    /// One transaction that holds the right to write from its beginning.
    func write<Value>(_ updates: (Database) throws -> Value) throws -> Value {
        try database.writeWithoutTransaction { database in
            var result: Value?
            try database.inTransaction(.immediate) {
                result = try updates(database)
                return .commit
            }
            guard let result else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
            return result
        }
    }

    /// Asks the database something, to see that it answers.
    func check() throws { _ = try database.read { try Int.fetchOne($0, sql: "SELECT 1 FROM moves LIMIT 1") } }
}
