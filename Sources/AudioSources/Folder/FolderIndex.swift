import Databases
import Files
import Foundation
import GRDB

/// The database of a folder source: the files of the trees and their searchable text.
///
/// Another scan restores all of its content. Several processes can use the same file at once.
struct FolderIndex: Sendable {
    let pool: DatabasePool

    /// Opens or creates the database and brings its schema up to date. Blocks.
    ///
    /// - Throws: ``SourceError`` `unavailable` when the file is of a newer release or cannot be used.
    init(at file: URL) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(15)
        configuration.maximumReaderCount = 4
        configuration.label = "folder-index"
        let path = file.path(percentEncoded: false)
        do {
            try DiskFolder(of: path).make()
            pool = try DatabaseFile.open(path, configuration, DatabaseMigrator(Self.migrations))
        } catch is NewerDatabase {
            throw SourceError(
                .unavailable,
                "a newer release created the folder index \(path); run that release, or delete the file")
        } catch let error as DatabaseError {
            throw SourceError(
                .unavailable,
                "the folder index \(path) cannot be used (\(error.resultCode)); delete it, and it is created again")
        } catch let error as FileError {
            throw SourceError(error)
        }
    }

    private static let migrations: [Migration] = [.folderIndex001Files]
}
