import Contracts
import Databases
import Foundation
import GRDB

extension Database {
    /// Returns the stored response to the same submission; `nil` when there is none.
    /// - Throws: ``IdempotencyConflict`` when the publisher used the key for another body; ``UnreadableResponse``.
    func storedResponse(to replay: ReplayKey, at now: Timestamp) throws -> SubmissionResponse? {
        guard replay.mayReplay else { return nil }
        let stored = try readFirst(
            "SELECT body_hash, answer FROM responses WHERE key = ? AND expires_at >= ?", [replay.key, now.milliseconds]
        ) { (hash: try $0.value("body_hash", as: String.self), response: try $0.value("answer", as: Data.self)) }
        guard let stored else { return nil }
        guard stored.hash == replay.bodyHash else {
            if replay.origin == .publisher { throw IdempotencyConflict() }
            return nil
        }
        do throws(ContractViolation) {
            return try ContractCoding.decode(SubmissionResponse.self, from: stored.response)
        } catch {
            throw UnreadableResponse(reason: "\(error)")
        }
    }

    /// Stores a response, and deletes expired ones.
    func store(_ response: SubmissionResponse, for replay: ReplayKey, at now: Timestamp) throws {
        try cachedStatement(sql: "DELETE FROM responses WHERE expires_at < ?").execute(arguments: [now.milliseconds])
        try cachedStatement(
            sql: """
                INSERT INTO responses (key, body_hash, answer, created_at, expires_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (key) DO UPDATE SET
                    body_hash = excluded.body_hash, answer = excluded.answer, created_at = excluded.created_at,
                    expires_at = excluded.expires_at
                """
        ).execute(arguments: [
            replay.key, replay.bodyHash, try ContractCoding.encode(response), now.milliseconds,
            (now + replay.lifetime).milliseconds,
        ])
    }
}
