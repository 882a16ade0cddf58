import Contracts
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
    /// - Throws: ``JobStoreError``, `DatabaseError`.
    static func open(
        _ place: JobStorePlace, steps: [Migration] = Migration.all,
        clock: @escaping @Sendable () -> Timestamp = { .now }
    ) throws -> JobStore {
        let writer = try connect(place)
        try migrate(writer, DatabaseMigrator(steps))
        return JobStore(writer, clock: clock)
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
    /// A newer version of the program has changed the database.
    case newerThanProgram

    var description: String {
        switch self {
        case .noFolder(let path, let reason):
            "the folder \(path) for the database cannot be made: \(reason); check that its volume is mounted"
        case .newerThanProgram:
            "the database was changed by a newer version of this program; run that version, or restore a backup"
        }
    }
}

// MARK: - Opening

extension JobStore {
    private static let attempts = 20

    private static func connect(_ place: JobStorePlace) throws -> any DatabaseWriter {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.label = "gateway"
        switch place {
        case .memory:
            return try DatabaseQueue(configuration: configuration)
        case .file(let path):
            try makeFolder(of: path)
            return try whileBusy { try DatabasePool(path: path, configuration: configuration) }
        }
    }

    /// Makes one folder, not those above it: a volume that is not mounted must not be replaced by a folder.
    private static func makeFolder(of path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard mkdir(folder, 0o755) != 0, errno != EEXIST else { return }
        throw JobStoreError.noFolder(folder, reason: String(cString: strerror(errno)))
    }

    /// Two processes that make the same file at once lock each other out for a moment, without waiting.
    private static func whileBusy<Value>(_ open: () throws -> Value) throws -> Value {
        for _ in 1..<attempts {
            do {
                return try open()
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                Thread.sleep(forTimeInterval: 0.05)
            }
        }
        return try open()
    }

    private static func migrate(_ writer: any DatabaseWriter, _ migrator: DatabaseMigrator) throws {
        for _ in 1..<attempts {
            let before = try applied(writer, migrator)
            do {
                try migrator.migrate(writer)
                return
            } catch {
                // Another process took the step between our look and our attempt; go on from there.
                guard try applied(writer, migrator) != before else { throw error }
            }
        }
        try migrator.migrate(writer)
    }

    private static func applied(_ writer: any DatabaseWriter, _ migrator: DatabaseMigrator) throws -> Set<String> {
        try writer.read { db in
            guard try !migrator.hasBeenSuperseded(db) else { throw JobStoreError.newerThanProgram }
            return try migrator.appliedIdentifiers(db)
        }
    }
}
