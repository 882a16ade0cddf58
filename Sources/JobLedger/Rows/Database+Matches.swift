import Contracts
import Databases
import Foundation
import GRDB

extension Database {
    /// Records a decision of the match stage, unless a later one is recorded.
    func record(_ decision: JSONValue, of job: JobID, _ position: EventPosition, at time: Timestamp) throws {
        try cachedStatement(
            sql: """
                INSERT INTO matches (job_id, position, decision, at) VALUES (?, ?, ?, ?)
                ON CONFLICT (job_id) DO UPDATE SET
                    position = excluded.position, decision = excluded.decision, at = excluded.at
                WHERE excluded.position > position
                """
        ).execute(arguments: [
            job.text, position.value,
            String(decoding: try ContractCoding.encode(decision, sorted: true), as: UTF8.self), time.milliseconds,
        ])
    }
}
