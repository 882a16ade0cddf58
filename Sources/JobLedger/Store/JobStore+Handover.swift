import Contracts
import Databases
import GRDB

// Tables of an earlier version that the planner takes over, once.
extension JobStore {
    /// The size of a page, in bytes of JSON. Larger pages have one row.
    public static let handoverPageBytes = 4 << 20

    /// Returns a page of a table in the order of its row ids; nothing after ``completeHandover()``.
    ///
    /// A page ends before the row that would exceed `maxBytes`, because a row can hold a cursor of any size. It has at
    /// least one row, so that a large row does not end the handover.
    /// - Parameter rowid: The rows follow this one.
    public func handoverRows(
        of table: HandoverTable, after rowid: Int64, limit: Int, maxBytes: Int = handoverPageBytes
    ) async throws -> HandoverRows {
        try await writer.read { db in
            guard try !db.isHandoverComplete else { return HandoverRows() }
            let sql =
                "SELECT rowid AS handover_rowid, * FROM \(table.storedName) WHERE rowid > ? ORDER BY rowid LIMIT ?"
            let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: [rowid, limit])
            var page = HandoverRows()
            var bytes = 0
            while let row = try rows.next().map(HandoverRow.init) {
                bytes += row.approximateBytes
                guard page.rows.isEmpty || bytes <= maxBytes else {
                    page.next = page.rows.last?.rowid
                    return page
                }
                page.rows.append(row)
            }
            page.next = page.rows.count < limit ? nil : page.rows.last?.rowid
            return page
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
