import Databases
import Files
import Foundation
import GRDB
import Logging

/// The index of all dead letters, in `recovery.db`. It answers queries by time, reason or page, which the broker cannot.
///
/// The dead-letter queues are authoritative. The index may be deleted at any time: the next reconciliation fills it.
struct DeadLetterIndex: Sendable {
    let database: DatabasePool
    let logger: Logger

    /// Opens the database, and creates it and its folder if necessary.
    static func open(at file: URL, logger: Logger) async throws -> DeadLetterIndex {
        let database = try await BlockingPool.databases.run {
            try DiskFolder(of: file.path).make()
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            return try DatabaseFile.open(file.path, configuration, DatabaseMigrator(Migration.deadLetterIndex))
        }
        return DeadLetterIndex(database: database, logger: logger)
    }

    /// Writes to the database.
    /// - Throws: the database error, if the database cannot be written.
    func probe() async throws {
        try await database.write(.soon) { try $0.execute(sql: "UPDATE probe SET count = count + 1") }
    }
}
