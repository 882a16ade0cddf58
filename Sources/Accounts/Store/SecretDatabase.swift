import Contracts
import Databases
import Files
import Foundation
import GRDB

/// The database of secrets: one file that only its owner can read, in which every value is sealed.
///
/// Several processes may use one file at the same time. Calls wait on a queue of the database, never on the cooperative
/// pool.
final class SecretDatabase: Sendable {
    let writer: any DatabaseWriter
    let keys: SecretKeySource
    let clock: @Sendable () -> Timestamp
    let path: String

    /// The steps of the schema, in order.
    private static let migrations: [Migration] = [.createSecrets, .createSignIns]

    private init(
        _ writer: DatabasePool, _ keys: SecretKeySource, clock: @escaping @Sendable () -> Timestamp
    ) {
        path = writer.path
        self.writer = writer
        self.keys = keys
        self.clock = clock
    }

    /// Opens the database, applies missing migrations, and creates a key when none was ever configured. Blocks.
    /// - Throws: `SecretKeyError`, `FileError`, `NewerDatabase`, `DatabaseError`.
    static func open(
        _ path: String, keys: SecretKeySource,
        clock: @escaping @Sendable () -> Timestamp = { .now }
    ) throws -> SecretDatabase {
        try keys.prepare()
        try createFolder(of: path)
        // Before SQLite writes to the file.
        try PrivateFile.prepare(path)
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.label = "secrets"
        // Deleted and replaced values are overwritten, so that a former secret does not stay in free pages.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA secure_delete = ON") }
        let writer = try DatabaseFile.open(path, configuration, DatabaseMigrator(Self.migrations))
        // The app's credentials in the environment may have changed since the last start.
        try writer.write(forgiveApp)
        return SecretDatabase(writer, keys, clock: clock)
    }

    /// Closes the database. Later calls fail.
    func close() throws { try writer.close() }

    /// Runs a query that succeeds only when the file can be read and has the schema.
    func probe() async throws {
        _ = try await writer.read { db in try Int.fetchOne(db, sql: "SELECT 1 FROM secrets LIMIT 1") }
    }

    /// Creates one folder but not its parents, because a folder must not replace a volume that is not mounted.
    private static func createFolder(of path: String) throws {
        _ = try DiskFolder(of: path).create(mode: 0o755)
    }
}
