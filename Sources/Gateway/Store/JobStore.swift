import Contracts
import Databases
import Foundation
import GRDB

/// The gateway's memory: who holds a dedupe key, what became of each job, and what has still to be published.
///
/// Several processes may use one file at once. Calls wait their turn on a queue of the database's own, never on the
/// cooperative pool.
final class JobStore: Sendable {
    let writer: any DatabaseWriter
    let admissions: GroupCommit<IntakeReceipt>
    let clock: @Sendable () -> Timestamp

    private init(_ writer: any DatabaseWriter, clock: @escaping @Sendable () -> Timestamp) {
        self.writer = writer
        self.clock = clock
        admissions = GroupCommit(writer)
    }

    /// Opens the database and brings it up to date. Blocks.
    /// - Throws: ``JobStoreError``, `NewerDatabase`, `DatabaseError`.
    static func open(
        _ place: JobStorePlace, steps: [Migration] = Migration.all,
        clock: @escaping @Sendable () -> Timestamp = { .now }
    ) throws -> JobStore {
        JobStore(try connect(place, DatabaseMigrator(steps)), clock: clock)
    }

    /// Closes the database; calls fail from then on.
    func close() throws { try writer.close() }

    /// Asks the database something that it answers only when the file can be read and the schema is there.
    func probe() async throws {
        _ = try await writer.read { db in try Int.fetchOne(db, sql: "SELECT 1 FROM outbox LIMIT 1") }
    }
}

/// Where the database is.
enum JobStorePlace: Sendable, Equatable {
    /// A file; its folder is made when the folder above is there.
    case file(String)
    /// Gone with the process: for trials.
    case memory
}

/// Why the database cannot be used.
enum JobStoreError: Error, CustomStringConvertible {
    case noFolder(String, reason: String)

    var description: String {
        switch self {
        case .noFolder(let path, let reason):
            "the folder \(path) for the database cannot be made: \(reason); check that its volume is mounted"
        }
    }
}

// MARK: - Opening

extension JobStore {
    private static func connect(_ place: JobStorePlace, _ migrator: DatabaseMigrator) throws -> any DatabaseWriter {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.label = "gateway"
        switch place {
        case .memory:
            let queue = try DatabaseQueue(configuration: configuration)
            try migrator.migrate(queue)
            return queue
        case .file(let path):
            try makeFolder(of: path)
            return try DatabaseFile.open(path, configuration, migrator)
        }
    }

    /// Makes one folder, not those above it: a volume that is not mounted must not be replaced by a folder.
    static func makeFolder(of path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard mkdir(folder, 0o755) != 0, errno != EEXIST else { return }
        throw JobStoreError.noFolder(folder, reason: String(cString: strerror(errno)))
    }
}
