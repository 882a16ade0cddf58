import Contracts
import Databases
import Foundation
import GRDB
import ServiceKit

/// The dead letters that were ever seen, in `recovery.db`: what the broker cannot be asked by time, reason or page.
///
/// The parking lots are the truth. The index may be deleted at any time: a survey fills it again.
struct DeadLetterIndex: Sendable {
    let database: DatabasePool

    /// Opens the database, making it and its folder if need be.
    static func open(at file: URL) async throws -> DeadLetterIndex {
        try await blocking {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            return DeadLetterIndex(database: try DatabaseFile.open(file.path, configuration, migrator))
        }
    }

    /// Whether the database can be written.
    func probe() async throws {
        try await database.write { try $0.execute(sql: "UPDATE probe SET count = count + 1") }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 dead letters and the operator's deeds") { database in
            try database.execute(sql: firstSchema)
        }
        return migrator
    }

    private static let firstSchema = """
        CREATE TABLE dead_letter (
            id TEXT PRIMARY KEY NOT NULL,
            job_id TEXT, batch_id TEXT, kind TEXT, artist TEXT, title TEXT,
            stage TEXT, queue TEXT NOT NULL,
            reason TEXT NOT NULL, error TEXT NOT NULL,
            attempt INTEGER NOT NULL, requeues INTEGER NOT NULL, priority INTEGER, worker TEXT,
            created_at TEXT NOT NULL, dead_at TEXT NOT NULL, updated_at TEXT NOT NULL,
            missing_since TEXT, requeued_at TEXT, purged_at TEXT
        );
        CREATE INDEX dead_letter_open ON dead_letter (queue, created_at)
            WHERE requeued_at IS NULL AND purged_at IS NULL;
        CREATE TABLE deed (
            number INTEGER PRIMARY KEY,
            at TEXT NOT NULL, action TEXT NOT NULL, actor TEXT NOT NULL,
            id TEXT NOT NULL, job_id TEXT, queue TEXT NOT NULL, outcome TEXT NOT NULL
        );
        CREATE INDEX deed_of ON deed (id);
        CREATE TABLE probe (count INTEGER NOT NULL);
        INSERT INTO probe VALUES (0);
        """
}
