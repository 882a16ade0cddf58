import Databases
import Files
import Foundation
import GRDB
import Logging

/// The index of all dead letters with their messages, in `recovery.db`. It answers queries by time, reason or page,
/// which the broker cannot, and it keeps a message whose queue was deleted.
///
/// For what is in the dead-letter queues, these are authoritative. If the index is lost, the next reconciliation fills
/// it from them.
struct DeadLetterIndex: Sendable {
    let database: DatabasePool
    let logger: Logger
    private let suspicion = WriteSuspicion()

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

    /// Reads from the database, to check that the file can be read and has its schema. It writes only after a write that
    /// failed, so that disks may sleep.
    /// - Throws: the database error.
    func probe() async throws {
        if suspicion.isSuspected {
            try await write(.soon) { try $0.execute(sql: "UPDATE probe SET count = count + 1") }
        } else {
            _ = try await database.read { db in try Int.fetchOne(db, sql: "SELECT count FROM probe LIMIT 1") }
        }
    }

    /// Runs updates in one transaction. All writes go through this function: a failed one makes the readiness check
    /// write.
    func write<Value: Sendable>(
        _ durability: Durability, _ updates: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        do {
            let value = try await database.write(durability, updates)
            suspicion.record(success: true)
            return value
        } catch {
            if !(error is CancellationError) { suspicion.record(success: false) }
            throw error
        }
    }
}
