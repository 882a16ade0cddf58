import Contracts
import Foundation
import GRDB

// The bytes of submissions that are not answered yet.
extension PlannerStore {
    /// Stores the submissions of the present step and, if there are several, of the steps after it.
    static func insert<Task: TaskRow>(_ submissions: [Data], of row: Task, _ db: Database) throws {
        for (offset, body) in submissions.enumerated() {
            try db.cachedStatement(sql: "INSERT INTO submissions (task, number, step, body) VALUES (?, ?, ?, ?)")
                .execute(arguments: [Task.table.rawValue, row.number, row.step + offset, body])
        }
    }

    static func submission(number: Int64, step: Int, in table: TaskTable, _ db: Database) throws -> Data? {
        try Data.fetchOne(
            db.cachedStatement(sql: "SELECT body FROM submissions WHERE task = ? AND number = ? AND step = ?"),
            arguments: [table.rawValue, number, step])
    }

    static func deleteSubmission<Task: TaskRow>(of row: Task, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM submissions WHERE task = ? AND number = ? AND step = ?")
            .execute(arguments: [Task.table.rawValue, row.number, row.step])
    }

    static func deleteSubmissions(of number: Int64, in table: TaskTable, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM submissions WHERE task = ? AND number = ?")
            .execute(arguments: [table.rawValue, number])
    }
}
