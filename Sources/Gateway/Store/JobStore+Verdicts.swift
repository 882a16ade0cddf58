import Contracts
import GRDB

/// What a person decided about a file.
enum Verdict: String, Sendable { case approved, rejected }

/// A verdict on its way into the database.
struct NewVerdict: Sendable {
    var verdict: Verdict
    var file: Candidate
    /// The key of the track.
    var target: String
    var jobID: JobID
    var by: String
    var at: Timestamp
}

// What people decided about files, by track.
extension JobStore {
    /// Remembers a verdict; the last one on a file holds. The same again changes nothing.
    static func remember(_ new: NewVerdict, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO verdicts (target, candidate_key, verdict, at, by, job_id, path) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (target, candidate_key) DO UPDATE SET
                    verdict = excluded.verdict, at = excluded.at, by = excluded.by, job_id = excluded.job_id,
                    path = excluded.path
                WHERE verdict <> excluded.verdict
                """
        ).execute(arguments: [
            new.target, new.file.key.rawValue, new.verdict.rawValue, new.at.milliseconds, new.by, new.jobID.text,
            new.file.path,
        ])
    }

    /// The newest verdicts on files for a track, as a job carries them; `nil` when there are none.
    static func verdicts(on target: String, _ db: Database) throws -> Verdicts? {
        let approved = try keys(.approved, target, db)
        let rejected = try keys(.rejected, target, db)
        return approved.isEmpty && rejected.isEmpty ? nil : Verdicts(approved: approved, rejected: rejected)
    }

    /// Every file that was rejected for a track.
    static func rejected(for target: String, _ db: Database) throws -> Set<CandidateKey> {
        let keys = try String.fetchAll(
            db.cachedStatement(sql: "SELECT candidate_key FROM verdicts WHERE target = ? AND verdict = ?"),
            arguments: [target, Verdict.rejected.rawValue])
        return Set(keys.map(CandidateKey.init))
    }

    private static func keys(_ verdict: Verdict, _ target: String, _ db: Database) throws -> [CandidateKey] {
        try String.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT candidate_key FROM verdicts WHERE target = ? AND verdict = ?
                    ORDER BY at DESC, candidate_key LIMIT ?
                    """), arguments: [target, verdict.rawValue, Verdicts.most]
        ).map(CandidateKey.init)
    }
}

extension Verdicts {
    /// These, and those that a job brought along where there is room.
    func adding(_ others: Verdicts?) -> Verdicts {
        guard let others else { return self }
        func union(_ first: [CandidateKey], _ second: [CandidateKey]) -> [CandidateKey] {
            Array((first + second.filter { !first.contains($0) }).prefix(Self.most))
        }
        var sum = self
        // What the database says about a file is newer than what the job brought along.
        sum.approved = union(approved, others.approved.filter { !rejected.contains($0) })
        sum.rejected = union(rejected, others.rejected.filter { !approved.contains($0) })
        sum.query = query ?? others.query
        return sum
    }
}
