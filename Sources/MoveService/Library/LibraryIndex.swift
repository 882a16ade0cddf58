import Databases
import Files
import Foundation
import GRDB

/// The index of the library, `library.db`: its files, the journal of moves, and the audit trail.
///
/// Several processes may share the file. Every write is on the disk when its call returns. All functions block.
final class LibraryIndex: Sendable {
    let database: DatabasePool
    /// The file beside the index whose bytes are locked during moves.
    let lockFile: String

    /// Opens the index, and creates it when it is missing. The folder must exist.
    ///
    /// - Throws: `NewerDatabase` when a later version of HDM wrote it; `DatabaseError`.
    init(at file: URL) throws {
        lockFile = file.deletingPathExtension().appendingPathExtension("lock").path(percentEncoded: false)
        var configuration = Configuration()
        configuration.label = "hdm.library"
        configuration.busyMode = .timeout(30)
        database = try DatabaseFile.open(
            file.path(percentEncoded: false), configuration, DatabaseMigrator(Self.migrations))
    }

    func read<Value>(_ value: (Database) throws -> Value) throws -> Value { try database.read(value) }

    /// Runs updates in one durable transaction, which holds the right to write from its beginning.
    func write<Value>(_ updates: (Database) throws -> Value) throws -> Value {
        try database.writeBlocking(.onDisk, updates)
    }

    /// Runs a query, to find out whether the database can be used.
    func check() throws { _ = try database.read { try Int.fetchOne($0, sql: "SELECT 1 FROM moves LIMIT 1") } }
}
