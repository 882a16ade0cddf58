public import Contracts
import Databases
import Files
import Foundation
import GRDB

/// The gateway's database: reservations of dedupe keys, the state of every job, and messages that wait to be published.
///
/// Several processes may use one file at the same time. Calls run on the database's own queue and never block the
/// cooperative pool.
public final class JobStore: Sendable {
    let writer: any DatabaseWriter
    let admissions: GroupCommit<AdmissionReceipt>
    /// Returns the present time.
    public let clock: @Sendable () -> Timestamp

    private init(_ writer: any DatabaseWriter, clock: @escaping @Sendable () -> Timestamp) {
        self.writer = writer
        self.clock = clock
        admissions = GroupCommit(writer)
    }

    /// Opens the database and applies the missing migrations. Blocks.
    /// - Throws: ``JobStoreError``, `NewerDatabase`, `DatabaseError`.
    public static func open(
        _ location: JobStoreLocation, clock: @escaping @Sendable () -> Timestamp = { .now }
    ) throws -> JobStore {
        try open(location, steps: Migration.all, clock: clock)
    }

    static func open(
        _ location: JobStoreLocation, steps: [Migration], clock: @escaping @Sendable () -> Timestamp = { .now }
    ) throws -> JobStore {
        JobStore(try connect(location, DatabaseMigrator(steps)), clock: clock)
    }

    /// Closes the database. Later calls fail.
    public func close() throws { try writer.close() }

    /// Reads from the database, to check that the file can be read and has its schema.
    public func probe() async throws {
        _ = try await writer.read { db in try Int.fetchOne(db, sql: "SELECT 1 FROM outbox LIMIT 1") }
    }
}

/// Where the database is.
public enum JobStoreLocation: Sendable, Equatable {
    /// A file. Its folder is created if the folder above it exists.
    case file(String)
    /// In memory, for trials: the content is lost when the process ends.
    case memory
}

/// Why the database cannot be used.
public enum JobStoreError: Error, CustomStringConvertible {
    case noFolder(String, reason: String)

    public var description: String {
        switch self {
        case .noFolder(let path, let reason):
            "cannot create the folder \(path) for the database: \(reason); check that its volume is mounted"
        }
    }
}

// MARK: - Opening

extension JobStore {
    private static func connect(
        _ location: JobStoreLocation, _ migrator: DatabaseMigrator
    ) throws -> any DatabaseWriter {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.label = "gateway"
        switch location {
        case .memory:
            let queue = try DatabaseQueue(configuration: configuration)
            try migrator.migrate(queue)
            return queue
        case .file(let path):
            try createFolder(of: path)
            return try DatabaseFile.open(path, configuration, migrator)
        }
    }

    /// Creates one folder, but not those above it: a missing volume must not be replaced by a folder.
    private static func createFolder(of path: String) throws {
        let folder = DiskFolder(of: path)
        do throws(FileError) {
            _ = try folder.create(mode: 0o755)
        } catch {
            throw JobStoreError.noFolder(folder.path, reason: error.reason)
        }
    }
}
