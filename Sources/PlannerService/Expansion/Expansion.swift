import Contracts
import Databases
import GRDB

/// A link that becomes jobs, and how far it was read.
@dynamicMemberLookup
struct Expansion: TaskRow, Equatable {
    typealias State = ExpansionEvent.State

    static let table = TaskTable.expansions

    /// Grows in the order in which links arrived.
    let number: Int64
    let id: JobID
    let link: CatalogueLink
    let plan: JobPlan
    let progress: ExpansionProgress
    let step: Int
    let pending: PendingStep<ExpansionProgress>?
    let createdAt: Timestamp
    let updatedAt: Timestamp
    let endedAt: Timestamp?

    init(_ row: Row) throws {
        number = try row.value("number")
        id = try row.jobID("expansion_id")
        link = try row.link("link")
        plan = try row.json("plan")
        progress = ExpansionProgress(
            state: try row.enumeration("state"), cursor: try row.json("cursor"), counts: try row.json("counts"),
            total: try row.optionalValue("total"), problem: try row.problem(), failures: try row.value("failures"),
            dueAt: try row.time("due_at"))
        step = try row.value("step")
        pending = try row.optionalJSON("pending")
        createdAt = try row.time("created_at")
        updatedAt = try row.time("updated_at")
        endedAt = try row.optionalTime("ended_at")
    }

    subscript<Value>(dynamicMember path: KeyPath<ExpansionProgress, Value>) -> Value { progress[keyPath: path] }

    var isSuspended: Bool { endedAt != nil }
    var traceparent: String? { plan.traceparent }

    /// Stores the keys of the tracks that the list contained; deletes them when the expansion ends.
    func remember(_ seen: [String], _ after: ExpansionProgress, at now: Timestamp, _ db: Database) throws {
        guard !after.state.isFinal else {
            try db.cachedStatement(sql: "DELETE FROM expansion_seen WHERE expansion_id = ?")
                .execute(arguments: [id.text])
            return
        }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO expansion_seen (expansion_id, key, pass) VALUES (?, ?, ?)
                ON CONFLICT (expansion_id, key) DO UPDATE SET pass = excluded.pass
                """)
        for key in seen { try statement.execute(arguments: [id.text, key, progress.cursor.pass]) }
    }
}

/// What the steps of an expansion change.
struct ExpansionProgress: TaskProgress {
    var state = Expansion.State.queued
    var cursor = ExpansionCursor()
    var counts = TaskCounts()
    /// How many entries the list has, if the catalogue says.
    var total: Int?
    /// Why it waits, failed or was cut short.
    var problem: TaskProblem?
    /// Attempts in a row that failed.
    var failures = 0
    /// When the next step is due.
    var dueAt: Timestamp

    func columns(at now: Timestamp) throws -> [(name: String, value: (any DatabaseValueConvertible)?)] {
        [
            ("state", state.rawValue), ("cursor", try ContractCoding.encode(cursor)),
            ("counts", try ContractCoding.encode(counts)), ("total", total), ("code", problem?.code),
            ("message", problem?.message), ("failures", failures), ("due_at", dueAt.milliseconds),
            ("updated_at", now.milliseconds), ("ended_at", state.isFinal ? now.milliseconds : nil),
        ]
    }

    mutating func count(_ admitted: AdmittedCounts) { counts.add(admitted) }
}
