import Databases
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
            pool = try DatabaseFile.open(path, configuration, Self.migrator)
        } catch is NewerDatabase {
            throw SourceError(
                .unavailable,
                "the folder index \(path) was made by a newer release; use that one, or delete the file")
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
}
