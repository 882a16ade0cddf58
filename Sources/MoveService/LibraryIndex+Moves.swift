import Contracts
import GRDB

extension LibraryIndex {
    /// How long a move that was begun and not taken up again keeps its place reserved.
    static let reservation = Duration.seconds(24 * 3600)

    private static let reservedByAnother = "target_fold = ? AND state = 'intended' AND job_id <> ?"

    /// The line of a job in the journal.
    func move(of job: JobID) throws -> MoveRecord? {
        try read { try MoveRecord.fetchOne($0, key: job.text) }
    }

    /// The moves of other jobs with the same key that were begun and are on no record yet.
    func unfinished(_ dedupeKey: String, besides job: JobID) throws -> [MoveRecord] {
        try read { database in
            try MoveRecord.fetchAll(
                database,
                sql: "SELECT * FROM moves WHERE dedupe_key = ? AND state = 'intended' AND job_id <> ?",
                arguments: [dedupeKey, job.text])
        }
    }

    /// Writes down what is about to happen and takes the place for it.
    ///
    /// - Returns: `false` when an unfinished move of another job has the place.
    func reserve(_ move: MoveRecord) throws -> Bool {
        try write { database in
            let oldest = (Timestamp.now + (.zero - Self.reservation)).description
            try database.execute(
                sql:
                    "DELETE FROM moves WHERE target_fold = ? AND state = 'intended' AND job_id <> ? AND updated_at < ?",
                arguments: [move.targetFold, move.jobID, oldest])
            let isTaken = try Bool.fetchOne(
                database,
                sql: "SELECT EXISTS (SELECT 1 FROM moves WHERE \(Self.reservedByAnother))",
                arguments: [move.targetFold, move.jobID])
            if isTaken == true { return false }
            try move.upsert(database)
            return true
        }
    }

    /// Takes a place back that came to nothing.
    func withdraw(_ job: JobID) throws {
        try write { database in
            try database.execute(
                sql: "DELETE FROM moves WHERE job_id = ? AND state = 'intended'", arguments: [job.text])
        }
    }

    /// Enters a file that has its place, and says so in the journal and in the audit trail; once.
    func record(_ move: MoveRecord, by actor: String) throws {
        try write { database in
            guard try MoveRecord.fetchOne(database, key: move.jobID)?.state == .intended else { return }
            try Self.vacate(database, for: move, by: actor)
            try FileRecord(move).upsert(database)
            try Self.set(.placed, move, database)
            try AuditRecord(.added, move, by: actor).insert(database)
        }
    }

    /// Writes down that a job ended as a duplicate of the file at the move's target.
    ///
    /// - Parameter adopted: the file is not in the index yet and is entered now.
    func record(duplicate move: MoveRecord, adopted: Bool, by actor: String) throws {
        try write { database in
            if adopted {
                try Self.vacate(database, for: move, by: actor)
                try FileRecord(move, origin: .adopted).upsert(database)
                try AuditRecord(.adopted, move, by: actor).insert(database)
            }
            try Self.set(.duplicate, move, database)
            try AuditRecord(.duplicate, move, by: actor).insert(database)
        }
    }

    /// Notes that nothing is left to do for a job.
    func close(_ move: MoveRecord) throws {
        try write { try Self.set(.done, move, $0) }
    }

    private static func set(_ state: MoveRecord.State, _ move: MoveRecord, _ database: Database) throws {
        var move = move
        move.state = state
        move.updatedAt = Timestamp.now.description
        try move.upsert(database)
    }

    /// A file that the index counts on and that is not there any more makes way for its successor.
    private static func vacate(_ database: Database, for move: MoveRecord, by actor: String) throws {
        guard !move.isForced else { return }
        let stale = try FileRecord.fetchAll(
            database, sql: "SELECT * FROM files WHERE dedupe_key = ? AND is_forced = 0 AND path <> ?",
            arguments: [move.dedupeKey, move.target])
        for file in stale {
            try file.delete(database)
            try AuditRecord(vanished: file, by: actor).insert(database)
        }
    }
}

extension LibraryIndex {
    /// The files with this key, the first one first.
    func files(_ dedupeKey: String) throws -> [FileRecord] {
        try read { database in
            try FileRecord.fetchAll(
                database, sql: "SELECT * FROM files WHERE dedupe_key = ? ORDER BY is_forced, added_at",
                arguments: [dedupeKey])
        }
    }

    /// The file at a path relative to the music folder.
    func file(at path: String) throws -> FileRecord? {
        try read { try FileRecord.fetchOne($0, key: path) }
    }

    /// Files by path, those behind `path`.
    func files(after path: String?, limit: Int) throws -> [FileRecord] {
        try read { database in
            try FileRecord.fetchAll(
                database, sql: "SELECT * FROM files WHERE path > ? ORDER BY path LIMIT ?",
                arguments: [path ?? "", limit])
        }
    }

    /// Keeps what was found out about a file. The file itself stays as it is.
    ///
    /// - Returns: `false` when there is no such file any more, or another one by now.
    func keep(_ track: Track, albumLink: String?, of path: String, _ sha256: String) throws -> Bool {
        let json = String(decoding: try ContractCoding.encode(track, sorted: true), as: UTF8.self)
        return try write { database in
            try database.execute(
                sql: """
                    UPDATE files SET track = ?, album_link = coalesce(?, album_link) WHERE path = ? AND sha256 = ?
                    """, arguments: [json, albumLink, path, sha256])
            return database.changesCount > 0
        }
    }

    /// The file that a job brought.
    func file(of job: JobID) throws -> FileRecord? {
        try read { database in
            try FileRecord.fetchOne(
                database, sql: "SELECT * FROM files WHERE job_id = ? AND origin = 'moved'", arguments: [job.text])
        }
    }

    /// The audit trail, the oldest first.
    func audit() throws -> [AuditRecord] {
        try read { try AuditRecord.fetchAll($0, sql: "SELECT * FROM audit ORDER BY id") }
    }
}
