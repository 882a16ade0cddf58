import Contracts
import Databases
import GRDB

extension LibraryIndex {
    /// How long an unfinished move reserves its target.
    static let reservation = Duration.seconds(24 * 3600)

    /// Returns the move of a job.
    func move(of job: JobID) throws -> MoveRecord? {
        try read { try $0.readFirst("SELECT * FROM moves WHERE job_id = ?", [job.text], MoveRecord.init(_:)) }
    }

    /// Returns the unfinished moves of other jobs with the same key.
    ///
    /// - Throws: `UnreadableRow`, as a skipped row could hide a file and admit a second one.
    func unfinishedMoves(_ dedupeKey: String, besides job: JobID) throws -> [MoveRecord] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM moves WHERE dedupe_key = ? AND state = 'intended' AND job_id <> ?",
                arguments: [dedupeKey, job.text]
            ).map(MoveRecord.init(_:))
        }
    }

    /// Records an intended move and reserves its target.
    ///
    /// - Returns: `false` when an unfinished move of another job has reserved the target.
    func reserve(_ move: MoveRecord) throws -> Bool {
        try write { database in
            let expired = (Timestamp.now + (.zero - Self.reservation)).description
            try database.execute(
                sql:
                    "DELETE FROM moves WHERE target_fold = ? AND state = 'intended' AND job_id <> ? AND updated_at < ?",
                arguments: [move.targetFold, move.jobID, expired])
            let isTaken = try Bool.fetchOne(
                database,
                sql: """
                    SELECT EXISTS (
                        SELECT 1 FROM moves WHERE target_fold = ? AND state = 'intended' AND job_id <> ?)
                    """,
                arguments: [move.targetFold, move.jobID])
            if isTaken == true { return false }
            try move.upsert(database)
            return true
        }
    }

    /// Removes the unfinished move of a job and its reservation.
    func withdraw(_ job: JobID) throws {
        try write { database in
            try database.execute(
                sql: "DELETE FROM moves WHERE job_id = ? AND state = 'intended'", arguments: [job.text])
        }
    }

    /// Records that the file is in the library: in the index, the journal and the audit trail. Repeating it has no effect.
    func record(_ move: MoveRecord, by actor: String) throws {
        try write { database in
            let state = try String.fetchOne(
                database, sql: "SELECT state FROM moves WHERE job_id = ?", arguments: [move.jobID])
            // Another job may have taken an expired reservation, after the clock jumped.
            guard state == nil || state == MoveRecord.State.intended.rawValue else { return }
            try Self.removeVanished(database, for: move, by: actor)
            try FileRecord(move).upsert(database)
            try Self.set(.placed, move, database)
            try AuditRecord(.added, move, by: actor).insert(database)
        }
    }

    /// Records that a job ended as a duplicate of the file at the move's target.
    ///
    /// - Parameter adopted: whether the file is not in the index yet, and is entered now.
    func record(duplicate move: MoveRecord, adopted: Bool, by actor: String) throws {
        try write { database in
            if adopted {
                try Self.removeVanished(database, for: move, by: actor)
                try FileRecord(move, origin: .adopted).upsert(database)
                try AuditRecord(.adopted, move, by: actor).insert(database)
            }
            try Self.set(.duplicate, move, database)
            try AuditRecord(.duplicate, move, by: actor).insert(database)
        }
    }

    /// Records that a move is complete.
    func close(_ move: MoveRecord) throws {
        try write { try Self.set(.done, move, $0) }
    }

    private static func set(_ state: MoveRecord.State, _ move: MoveRecord, _ database: Database) throws {
        var move = move
        move.state = state
        move.updatedAt = Timestamp.now.description
        try move.upsert(database)
    }

    /// Removes files with the same key from the index. The caller found that they do not exist any more.
    private static func removeVanished(_ database: Database, for move: MoveRecord, by actor: String) throws {
        guard !move.isForced else { return }
        let vanished = try Row.fetchAll(
            database, sql: "SELECT * FROM files WHERE dedupe_key = ? AND is_forced = 0 AND path <> ?",
            arguments: [move.dedupeKey, move.target]
        ).map(FileRecord.init(_:))
        for file in vanished {
            try file.delete(database)
            try AuditRecord(vanished: file, by: actor).insert(database)
        }
    }
}
