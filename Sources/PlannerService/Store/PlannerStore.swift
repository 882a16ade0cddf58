import Contracts
import Databases
import Foundation
import GRDB

/// The planner's database: expansions, watches and backfills, how far each is, and the submissions that are not answered.
///
/// Several processes may use one file at once. Calls wait on a queue of the database, never on the cooperative pool.
final class PlannerStore: Sendable {
    let writer: any DatabaseWriter
    let clock: @Sendable () -> Timestamp

    private init(_ writer: any DatabaseWriter, clock: @escaping @Sendable () -> Timestamp) {
        self.writer = writer
        self.clock = clock
    }

    /// Opens or creates the database and applies missing migrations. Blocks.
    /// - Parameter path: the folder must exist.
    /// - Throws: `NewerDatabase`, `DatabaseError`.
    static func open(
        _ path: String, clock: @escaping @Sendable () -> Timestamp = { .now }
    ) throws -> PlannerStore {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.label = "planner"
        let pool = try DatabaseFile.open(path, configuration, DatabaseMigrator(Migration.planner))
        return PlannerStore(pool, clock: clock)
    }

    /// Closes the database; later calls fail. Blocks.
    func close() throws { try writer.close() }

    /// Reads from the database, to check that the file is readable and has its schema.
    func probe() async throws {
        _ = try await writer.read { db in try Int.fetchOne(db, sql: "SELECT 1 FROM submissions LIMIT 1") }
    }
}

extension Migration {
    /// The steps of the planner's schema, in order.
    static let planner: [Migration] = [
        .createExpansions, .createWatchlist, .createBackfills, .createSubmissions, .createHandover, .createFacts,
    ]
}
