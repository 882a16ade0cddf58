import Contracts
import Databases
import GRDB

/// A person's decision about a file.
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

extension Database {
    /// Records a verdict. The last verdict on a file counts; the same verdict again changes nothing.
    func record(_ new: NewVerdict) throws {
        try cachedStatement(
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

    /// Returns the newest verdicts on files for a track, in the form of the job document; `nil` when there are none.
    func verdicts(on target: String) throws -> Verdicts? {
        let approved = try keys(.approved, target)
        let rejected = try keys(.rejected, target)
        return approved.isEmpty && rejected.isEmpty ? nil : Verdicts(approved: approved, rejected: rejected)
    }

    /// Returns every rejected file of a track.
    func rejectedFiles(of target: String) throws -> Set<CandidateKey> {
        let keys = try String.fetchAll(
            cachedStatement(sql: "SELECT candidate_key FROM verdicts WHERE target = ? AND verdict = ?"),
            arguments: [target, Verdict.rejected.rawValue])
        return Set(keys.map(CandidateKey.init))
    }

    private func keys(_ verdict: Verdict, _ target: String) throws -> [CandidateKey] {
        try String.fetchAll(
            cachedStatement(
                sql: """
                    SELECT candidate_key FROM verdicts WHERE target = ? AND verdict = ?
                    ORDER BY at DESC, candidate_key LIMIT ?
                    """), arguments: [target, verdict.rawValue, Verdicts.maximumCount]
        ).map(CandidateKey.init)
    }
}

extension Verdicts {
    /// Returns these verdicts, and those of a document while there is room.
    func adding(_ others: Verdicts?) -> Verdicts {
        guard let others else { return self }
        func union(_ first: [CandidateKey], _ second: [CandidateKey]) -> [CandidateKey] {
            Array((first + second.filter { !first.contains($0) }).prefix(Self.maximumCount))
        }
        var sum = self
        // The database is newer than the document.
        sum.approved = union(approved, others.approved.filter { !rejected.contains($0) })
        sum.rejected = union(rejected, others.rejected.filter { !approved.contains($0) })
        sum.query = query ?? others.query
        return sum
    }
}
