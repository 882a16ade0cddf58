import Contracts
import Databases
import GRDB

// Tables of an earlier version that the planner takes over, once.
extension JobStore {
    /// Returns a page of a table in the order of its row ids; nothing after ``completeHandover()``.
    /// - Parameter rowid: The rows follow this one.
    public func handoverRows(
        of table: HandoverTable, after rowid: Int64, limit: Int
    ) async throws -> [HandoverRow] {
        try await writer.read { db in
            guard try !db.isHandoverComplete else { return [] }
            return try db.readAll(
                """
                SELECT rowid AS handover_rowid, * FROM \(table.storedName) WHERE rowid > ? ORDER BY rowid LIMIT ?
                """, [rowid, limit], HandoverRow.init)
        }
    }

    /// Records that the planner has every row. The rows stay in the file as a backup.
    public func completeHandover() async throws {
        let now = clock()
        try await writer.write(.onDisk) { db in
            guard try !db.isHandoverComplete else { return }
            try db.execute(sql: "INSERT INTO handover_completed (at) VALUES (?)", arguments: [now.milliseconds])
        }
    }
}

extension Database {
    fileprivate var isHandoverComplete: Bool {
        get throws { try Bool.fetchOne(self, sql: "SELECT EXISTS (SELECT 1 FROM handover_completed)") ?? false }
    }
}
