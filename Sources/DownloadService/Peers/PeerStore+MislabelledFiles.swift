import Contracts
import GRDB

/// Which files of which peers were not what they were offered as, by the track that they were fetched for.
extension PeerStore {
    /// After that a peer may have put another file in its place.
    private static let memory = Duration.seconds(365 * 86_400)

    static func registerMislabelledFiles(_ migrator: inout DatabaseMigrator) {
        migrator.registerMigration("002 false files") { db in
            try db.create(table: "false_files") { table in
                table.column("target", .text).notNull()
                table.column("user", .text).notNull()
                table.column("file", .text).notNull()
                table.column("code", .text).notNull()
                table.column("job", .text).notNull()
                table.column("at", .text).notNull().indexed()
                table.primaryKey(["target", "user", "file"])
            }
        }
    }

    /// Notes false files, and one lie of the peer for each that was not known: both or neither, also when the process
    /// dies.
    /// - Parameter target: names the track.
    func note(
        _ files: [TransferSection.FailedCandidate], job: JobID, target: String, at now: Timestamp = .now
    ) async throws {
        try await pool.write { db in
            try Self.forget(before: now + (.zero - Self.memory), db)
            for file in files {
                guard let user = file.user, try Self.insert(file, of: user, job, target, now, db) else { continue }
                let record = try Self.fetch(user, db) ?? PeerRecord(user: user, at: now)
                try Self.save(record.after(.lied, at: now), db)
            }
        }
    }

    /// The false files that are known for a track.
    func mislabelledFiles(for target: String) async throws -> [TransferSection.FailedCandidate] {
        try await pool.read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT user, file, code FROM false_files WHERE target = ? ORDER BY at", arguments: [target])
            return rows.map {
                TransferSection.FailedCandidate(
                    user: $0["user"], key: CandidateKey(rawValue: $0["file"]), code: $0["code"])
            }
        }
    }

    /// - Returns: whether it was new.
    private static func insert(
        _ file: TransferSection.FailedCandidate, of user: String, _ job: JobID, _ target: String, _ now: Timestamp,
        _ db: Database
    ) throws -> Bool {
        try db.execute(
            sql: "INSERT OR IGNORE INTO false_files (target, user, file, code, job, at) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [target, user, file.key.rawValue, file.code, job.description, now.description])
        return db.changesCount > 0
    }

    private static func forget(before time: Timestamp, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM false_files WHERE at < ?", arguments: [time.description])
    }
}
