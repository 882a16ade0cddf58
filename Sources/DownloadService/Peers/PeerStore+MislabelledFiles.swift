import Contracts
import Databases
import GRDB

/// Files that were not the offered recording, by the track for which they were fetched.
extension PeerStore {
    /// After this time the peer may have replaced the file.
    private static let retention = Duration.seconds(365 * 86_400)

    /// Records mislabelled files, and one such event of the peer for each file that is new.
    ///
    /// One transaction does both, so a repetition after a crash does not count a file twice.
    /// - Parameter target: Identifies the track.
    func record(
        _ files: [TransferSection.FailedCandidate], job: JobID, target: String, at now: Timestamp = .now
    ) async throws {
        try await pool.write(.onDisk) { db in
            try Self.deleteMislabelledFiles(before: now + (.zero - Self.retention), db)
            for file in files {
                guard let user = file.user, try Self.insert(file, of: user, job, target, now, db) else { continue }
                let record = try Self.fetch(user, db) ?? PeerRecord(user: user, at: now)
                try Self.save(record.after(.mislabelled, at: now), db)
            }
        }
    }

    /// Returns the mislabelled files of a track.
    func mislabelledFiles(for target: String) async throws -> [TransferSection.FailedCandidate] {
        try await pool.read { db in
            try db.readAll("SELECT user, file, code FROM false_files WHERE target = ? ORDER BY at", [target]) { row in
                TransferSection.FailedCandidate(
                    user: try row.value("user"), key: CandidateKey(rawValue: try row.value("file")),
                    code: try row.value("code"))
            }
        }
    }

    /// - Returns: Whether the file is new.
    private static func insert(
        _ file: TransferSection.FailedCandidate, of user: String, _ job: JobID, _ target: String, _ now: Timestamp,
        _ db: Database
    ) throws -> Bool {
        try db.execute(
            sql: "INSERT OR IGNORE INTO false_files (target, user, file, code, job, at) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [target, user, file.key.rawValue, file.code, job.description, now.description])
        return db.changesCount > 0
    }

    private static func deleteMislabelledFiles(before time: Timestamp, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM false_files WHERE at < ?", arguments: [time.description])
    }
}
