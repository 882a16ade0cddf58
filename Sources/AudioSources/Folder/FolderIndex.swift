import Foundation
import GRDB

/// The database of a folder source: what is in the trees, and how to find it.
///
/// It holds nothing that another scan would not bring back. Several processes may use the same file at once.
struct FolderIndex: Sendable {
    let pool: DatabasePool

    /// Opens or makes the database, and brings its schema up to date; blocks.
    ///
    /// - Throws: ``SourceError`` `unavailable` when the file is of a newer release, or is not usable.
    init(at file: URL) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(15)
        configuration.maximumReaderCount = 4
        configuration.label = "folder-index"
        let path = file.path(percentEncoded: false)
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            pool = try Self.open(path, configuration)
        } catch let error as DatabaseError {
            throw SourceError(
                .unavailable,
                "the folder index \(path) cannot be used (\(error.resultCode)); it can be deleted, and is then made anew"
            )
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration(FolderIndexMigration001.name, migrate: FolderIndexMigration001.run)
        return migrator
    }

    /// Processes that open a new database at the same instant meet in two places where SQLite does not wait for its
    /// turn: the change to the write-ahead log, and the look at which migrations are done. Whoever comes second tries
    /// again, and finds the work done.
    private static func open(_ path: String, _ configuration: Configuration) throws -> DatabasePool {
        var tries = 0
        while true {
            do {
                let pool = try DatabasePool(path: path, configuration: configuration)
                try migrate(pool, path)
                return pool
            } catch let error as DatabaseError
                where tries < 40 && [.SQLITE_BUSY, .SQLITE_ERROR].contains(error.resultCode)
            {
                tries += 1
                Thread.sleep(forTimeInterval: 0.05)
            }
        }
    }

    private static func migrate(_ pool: DatabasePool, _ path: String) throws {
        guard try pool.read(migrator.hasBeenSuperseded) == false else {
            throw SourceError(
                .unavailable,
                "the folder index \(path) was made by a newer release; use that one, or delete the file")
        }
        try migrator.migrate(pool)
    }
}
