import Databases
import GRDB

extension Migration {
    /// Messages that the broker has not confirmed. The process that publishes a row leases it until a time, after which
    /// another process may lease it.
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
