import Databases
import GRDB

extension Migration {
    /// Responses that a repeated submission with the same key gets again.
    static let createResponses = Migration(name: "005-create-responses") { db in
        try db.execute(
            sql: """
                CREATE TABLE responses (
                    key TEXT PRIMARY KEY NOT NULL,
                    body_hash TEXT NOT NULL,
                    answer BLOB NOT NULL,
                    created_at INTEGER NOT NULL
                ) WITHOUT ROWID;
                CREATE INDEX responses_by_age ON responses (created_at);
                """)
    }
}
