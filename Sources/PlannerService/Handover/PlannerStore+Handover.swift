import Contracts
import Databases
import GRDB

// Rows of a gateway that planned by itself. They are copied once, before any other work.
extension PlannerStore {
    private static let wholeName = "all"

    /// Whether every table was copied and the gateway was informed.
    func isHandoverComplete() async throws -> Bool {
        try await writer.read { db in try Self.isComplete(Self.wholeName, db) }
    }

    /// Returns the row after which the copy of a table continues; `nil` when it is complete.
    func handoverPosition(of table: HandoverTable) async throws -> Int64? {
        try await writer.read { db in
            guard try !Self.isComplete(table.rawValue, db) else { return nil }
            return try Self.position(table, db)
        }
    }

    /// Stores a page of a table, and the position of the next one, in one transaction.
    ///
    /// A row that the table refuses, such as one without a value that it needs, is skipped: it must not keep the others
    /// back.
    /// - Returns: the rows that were skipped; `nil` when another process stored a page meanwhile, and nothing was stored.
    @discardableResult
    func copy(
        _ page: HandoverPage, of table: HandoverTable, after position: Int64
    ) async throws -> [SkippedHandoverRow]? {
        try await writer.write(.onDisk) { db in
            guard try !Self.isComplete(table.rawValue, db), try Self.position(table, db) == position else {
                return nil
            }
            var skipped: [SkippedHandoverRow] = []
            for row in page.rows {
                do {
                    try Self.insert(row, into: table, db)
                } catch let error as DatabaseError where error.isAboutRow {
                    skipped.append(SkippedHandoverRow(rowid: row.rowid, problem: error.message ?? "\(error)"))
                }
            }
            try Self.setPosition(page.next ?? position, isComplete: page.next == nil, of: table.rawValue, db)
            return skipped
        }
    }

    /// Records that the gateway was informed that every table is copied.
    func completeHandover() async throws {
        try await writer.write(.onDisk) { db in
            try Self.setPosition(0, isComplete: true, of: Self.wholeName, db)
        }
    }

    private static func isComplete(_ source: String, _ db: Database) throws -> Bool {
        try Bool.fetchOne(db, sql: "SELECT is_complete FROM handover WHERE source = ?", arguments: [source]) ?? false
    }

    private static func position(_ table: HandoverTable, _ db: Database) throws -> Int64 {
        try Int64.fetchOne(db, sql: "SELECT after FROM handover WHERE source = ?", arguments: [table.rawValue]) ?? 0
    }

    private static func setPosition(
        _ position: Int64, isComplete: Bool, of source: String, _ db: Database
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO handover (source, after, is_complete) VALUES (?, ?, ?)
                ON CONFLICT (source) DO UPDATE SET after = excluded.after, is_complete = excluded.is_complete
                """, arguments: [source, position, isComplete])
    }

    private static func insert(_ row: HandoverPage.Row, into table: HandoverTable, _ db: Database) throws {
        var columns = table.columns
        let row = row.withGroupOffsets(in: table)
        var values = columns.map { row.databaseValue($0) }
        switch table {
        case .watchlist:
            columns.append("watch_id")
            values.append(JobID().text.databaseValue)
        case .expansions:
            // The gateway has the state of the present step.
            columns.append("emitted_step")
            values.append(row.databaseValue("step"))
        default: break
        }
        let places = columns.map { _ in "?" }.joined(separator: ", ")
        try db.cachedStatement(
            sql: """
                INSERT INTO \(table.rawValue) (\(columns.joined(separator: ", "))) VALUES (\(places))
                ON CONFLICT DO NOTHING
                """
        ).execute(arguments: StatementArguments(values))
    }
}

/// A row of the gateway that was not copied.
struct SkippedHandoverRow: Sendable, Equatable {
    var rowid: Int64
    var problem: String
}

extension DatabaseError {
    /// Whether the values of the row are the reason. Then the statement changed nothing, and the transaction continues.
    fileprivate var isAboutRow: Bool { [.SQLITE_CONSTRAINT, .SQLITE_MISMATCH].contains(resultCode) }
}
