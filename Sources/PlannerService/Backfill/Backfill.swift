import Contracts
import Databases
import GRDB

/// One completion of what is known: metadata of library files, albums of the library, jobs that found nothing.
@dynamicMemberLookup
struct Backfill: TaskRow, Equatable {
    enum State: String, Codable, Sendable, CaseIterable {
        case queued, running, paused, completed, failed, cancelled

        var isFinal: Bool { self == .completed || self == .failed || self == .cancelled }
    }

    static let table = TaskTable.backfills

    let number: Int64
    let id: JobID
    let terms: BackfillTerms
    let progress: BackfillProgress
    let step: Int
    let pending: PendingStep<BackfillProgress>?
    let createdAt: Timestamp
    let updatedAt: Timestamp
    let endedAt: Timestamp?

    init(_ row: Row) throws {
        number = try row.value("number")
        id = try row.jobID("backfill_id")
        terms = try row.json("terms")
        progress = BackfillProgress(
            state: try row.enumeration("state"), cursor: try row.json("cursor"), counts: try row.json("counts"),
            problem: try row.problem(), failures: try row.value("failures"), dueAt: try row.time("due_at"))
        step = try row.value("step")
        pending = try row.optionalJSON("pending")
        createdAt = try row.time("created_at")
        updatedAt = try row.time("updated_at")
        endedAt = try row.optionalTime("ended_at")
    }

    subscript<Value>(dynamicMember path: KeyPath<BackfillProgress, Value>) -> Value { progress[keyPath: path] }

    var isSuspended: Bool { progress.state == .paused || progress.state.isFinal }

    /// How many files or jobs may still be looked up in the present phase. Files leave at least a quarter to the jobs
    /// until these are read.
    var remainingLookups: Int {
        let rest = progress.counts.requested - progress.counts.processed
        guard progress.cursor.phase == .files, !progress.cursor.hasReadJobs else { return rest }
        let reserved = progress.counts.requested > 1 ? (progress.counts.requested + 3) / 4 : 0
        return rest - reserved
    }

    /// What its jobs have in common.
    var plan: JobPlan { JobPlan(batchID: "backfill-\(number)", kind: .backfill) }

    /// A pause that was requested while a submission was pending stays.
    func merged(_ after: BackfillProgress) -> BackfillProgress {
        guard progress.state == .paused, !after.state.isFinal else { return after }
        var after = after
        after.state = .paused
        return after
    }

    /// Stores the keys and the albums of library tracks; deletes them when the backfill ends.
    func remember(_ seen: [String], _ after: BackfillProgress, at now: Timestamp, _ db: Database) throws {
        if let position = after.cursor.path { try Fact.backfillPosition.set(position, db) }
        if after.cursor.job != progress.cursor.job { try Fact.backfillJobPosition.set("\(after.cursor.job)", db) }
        guard !after.state.isFinal else {
            for table in ["backfill_tracks", "backfill_albums"] {
                try db.execute(sql: "DELETE FROM \(table) WHERE backfill = ?", arguments: [number])
            }
            return
        }
        for key in seen { try LibraryMemory(backfill: number).add(key, db) }
    }
}

/// What the steps of a backfill change.
struct BackfillProgress: TaskProgress {
    var state = Backfill.State.queued
    var cursor = BackfillCursor()
    var counts: BackfillCounts
    /// Why it waits or failed.
    var problem: TaskProblem?
    /// Attempts in a row that failed.
    var failures = 0
    /// When the next step is due.
    var dueAt: Timestamp

    func columns(at now: Timestamp) throws -> [(name: String, value: (any DatabaseValueConvertible)?)] {
        [
            ("state", state.rawValue), ("cursor", try ContractCoding.encode(cursor)),
            ("counts", try ContractCoding.encode(counts)), ("code", problem?.code), ("message", problem?.message),
            ("failures", failures), ("due_at", dueAt.milliseconds), ("updated_at", now.milliseconds),
            ("ended_at", state.isFinal ? now.milliseconds : nil),
        ]
    }

    mutating func count(_ admitted: AdmittedCounts) {
        switch cursor.phase {
        case .files: break
        case .jobs: counts.jobs += admitted.enqueued
        case .albums: counts.tracks += admitted.enqueued
        }
    }
}
