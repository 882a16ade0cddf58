import Contracts
import Foundation
import GRDB

// CannedResponses that are given again.
extension JobStore {
    /// The answer that was given to the same submission; `nil` when there is none that is fresh enough.
    /// - Throws: ``IntakeError`` `.conflict` when the client gave the name to another body.
    static func response(to replay: ReplayKey, since oldest: Timestamp, _ db: Database) throws -> SubmissionResponse? {
        guard replay.mayReplay else { return nil }
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT body_hash, answer FROM responses WHERE key = ? AND created_at >= ?"),
            arguments: [replay.key, oldest.milliseconds])
        guard let row else { return nil }
        guard row["body_hash"] == replay.bodyHash else {
            if replay.origin == .client { throw IntakeError.conflict }
            return nil
        }
        return try ContractCoding.decode(SubmissionResponse.self, from: row["answer"])
    }

    /// Keeps an answer, and forgets those that are older than `span`.
    static func keep(
        _ answer: SubmissionResponse, for replay: ReplayKey, at now: Timestamp, forgettingAfter span: Duration,
        _ db: Database
    ) throws {
        try db.cachedStatement(sql: "DELETE FROM responses WHERE created_at < ?")
            .execute(arguments: [(now + (.zero - span)).milliseconds])
        try db.cachedStatement(
            sql: """
                INSERT INTO responses (key, body_hash, answer, created_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET
                    body_hash = excluded.body_hash, answer = excluded.answer, created_at = excluded.created_at
                """
        ).execute(arguments: [replay.key, replay.bodyHash, ContractCoding.encode(answer), now.milliseconds])
    }
}
