import Catalogues
import Contracts
import Databases
import GRDB

// Steps that end with an error that is neither the catalogue's nor the gateway's.
extension PlannerStore {
    /// The problem code of a row whose steps failed too often.
    static let internalErrorCode = "internal_error"

    /// Records that a step failed unexpectedly, and frees the row.
    ///
    /// The row is due again after a pause that grows with its failures, so that rows that fail do not occupy all workers.
    /// A pending submission keeps its key. After as many failures as ``CatalogueRemedy`` allows, the row gets the state
    /// that `failed` returns.
    /// - Parameter owner: the process that has the row.
    /// - Returns: the row before and after it failed for good; `nil` when it is tried again, or another process has it.
    func recordFailure<Task: TaskRow>(
        of number: Int64, by owner: String, because error: any Error,
        failed: @escaping @Sendable (Task) -> Task.Progress
    ) async throws -> (before: Task, after: Task)? {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            let isLeased = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM \(Task.table.rawValue) WHERE number = ? AND lease_owner = ?)",
                arguments: [number, owner])
            guard isLeased == true, let current: Task = try Self.row(number, db) else { return nil }
            switch CatalogueError.unavailable("\(error)").remedy(after: current.progress.failures, at: now) {
            case .wait(let until, let failures):
                try db.execute(
                    sql: """
                        UPDATE \(Task.table.rawValue) SET due_at = ?, failures = ?, lease_owner = NULL, leased_until = 0
                        WHERE number = ?
                        """, arguments: [until.milliseconds, failures, number])
                return nil
            case .giveUp:
                try Self.end(current, current.merged(failed(current)), [], at: now, db)
                return try Self.row(number, db).map { (current, $0) }
            }
        }
    }
}
