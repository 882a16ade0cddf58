import Contracts
import Databases
import Foundation
import GRDB

// Commits of steps. A crash between two of them repeats the same submission and nothing else.
extension PlannerStore {
    /// Commits a step: its submissions and the state after it as *pending*, or, when it makes no jobs, the new state.
    /// - Parameter plan: computes the step from the row as it is now, in the transaction.
    /// - Returns: the row after the commit; `nil` when another process committed this step, or a person suspended, ended
    ///   or removed the work.
    func commit<Task: TaskRow>(
        _ row: Task, _ plan: @escaping @Sendable (Task, Database) throws -> StepPlan<Task.Progress>
    ) async throws -> Task? {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            guard let current: Task = try Self.current(row, db), current.pending == nil, !current.isSuspended else {
                return nil
            }
            let plan = try plan(current, db)
            if plan.submissions.isEmpty {
                try Self.end(current, plan.after, plan.seen, at: now, db)
            } else {
                try Self.insert(plan.submissions, of: current, db)
                let pending = PendingStep(after: plan.after, seen: plan.seen)
                try db.execute(
                    sql: "UPDATE \(Task.table.rawValue) SET pending = ? WHERE number = ?",
                    arguments: [try ContractCoding.encode(pending), current.number])
            }
            return try Self.row(current.number, db)
        }
    }

    /// Applies the response to the present submission. The last response of a step ends the step.
    /// - Returns: the row after the commit; `nil` when another process applied it, or the work was ended or removed.
    func apply<Task: TaskRow>(_ response: SubmissionResponse, to row: Task) async throws -> Task? {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            guard let current: Task = try Self.current(row, db), var pending = current.pending else { return nil }
            pending.after.count(AdmittedCounts(response))
            try Self.deleteSubmission(of: current, db)
            if try Self.submission(number: current.number, step: current.step + 1, in: Task.table, db) == nil {
                try Self.end(current, current.merged(pending.after), pending.seen, at: now, db)
            } else {
                try db.execute(
                    sql: "UPDATE \(Task.table.rawValue) SET pending = ?, step = step + 1 WHERE number = ?",
                    arguments: [try ContractCoding.encode(pending), current.number])
            }
            return try Self.row(current.number, db)
        }
    }

    /// Writes a new state without a step of its own: a wait, a failure, a cancellation. Removes pending submissions.
    /// - Returns: the row after the commit; `nil` when it changed meanwhile.
    func save<Task: TaskRow>(_ row: Task, _ after: Task.Progress) async throws -> Task? {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            guard let current: Task = try Self.current(row, db) else { return nil }
            try Self.end(current, current.merged(after), [], at: now, db)
            return try Self.row(current.number, db)
        }
    }

    /// The bytes of the present submission of a row.
    func submission<Task: TaskRow>(of row: Task) async throws -> Data? {
        try await writer.read { db in
            try Self.submission(number: row.number, step: row.step, in: Task.table, db)
        }
    }

    /// Writes a state, ends the step and frees the row.
    static func end<Task: TaskRow>(
        _ row: Task, _ after: Task.Progress, _ seen: [String], at now: Timestamp, _ db: Database
    ) throws {
        try row.remember(seen, after, at: now, db)
        let columns = try after.columns(at: now)
        let names = columns.map { "\($0.name) = ?, " }.joined()
        try db.cachedStatement(
            sql: """
                UPDATE \(Task.table.rawValue) SET \(names) pending = NULL, step = step + 1, lease_owner = NULL,
                    leased_until = 0
                WHERE number = ?
                """
        ).execute(arguments: StatementArguments(columns.map(\.value) + [row.number]))
        try deleteSubmissions(of: row.number, in: Task.table, db)
    }

    /// The row as it is now, if no other process committed the step.
    private static func current<Task: TaskRow>(_ row: Task, _ db: Database) throws -> Task? {
        guard let current: Task = try self.row(row.number, db), current.step == row.step, current.id == row.id else {
            return nil
        }
        return current
    }

    static func row<Task: TaskRow>(_ number: Int64, _ db: Database) throws -> Task? {
        try db.readFirst("SELECT * FROM \(Task.table.rawValue) WHERE number = ?", [number]) { try Task($0) }
    }
}
