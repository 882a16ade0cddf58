import Databases
import GRDB

extension Migration {
    /// Jobs that are accepted and not yet confirmed by the broker. A row is leased by the process that publishes it,
    /// until a moment after which any other may.
    static let createOutbox = Migration(name: "004-create-outbox") { db in
        try db.execute(
            sql: """
                CREATE TABLE outbox (
                    number INTEGER PRIMARY KEY AUTOINCREMENT,
                    message_id TEXT NOT NULL,
                    job_id TEXT NOT NULL,
                    batch_id TEXT,
                    priority INTEGER NOT NULL,
                    body BLOB NOT NULL,
                    traceparent TEXT,
                    lease_owner TEXT,
                    leased_until INTEGER NOT NULL DEFAULT 0
                );
                CREATE INDEX outbox_by_priority ON outbox (priority DESC, number);
                """)
    }
}
