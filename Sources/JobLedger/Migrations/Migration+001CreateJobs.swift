import Databases
import GRDB

extension Migration {
    /// Jobs as the API shows them, and their batches. Times are milliseconds since 1970.
    ///
    /// `number` is the order of insertion; `position` is an ``EventPosition``.
    static let createJobs = Migration(name: "001-create-jobs") { db in
        try db.execute(
            sql: """
                CREATE TABLE jobs (
                    number INTEGER PRIMARY KEY AUTOINCREMENT,
                    job_id TEXT NOT NULL UNIQUE,
                    batch_id TEXT,
                    kind TEXT NOT NULL,
                    requested_by TEXT,
                    dedupe_key TEXT NOT NULL,
                    priority INTEGER,
                    artist TEXT NOT NULL,
                    title TEXT NOT NULL,
                    album TEXT,
                    document BLOB,
                    state TEXT NOT NULL,
                    stage TEXT NOT NULL,
                    position INTEGER NOT NULL,
                    attempt INTEGER NOT NULL,
                    worker TEXT,
                    code TEXT,
                    message TEXT,
                    not_before INTEGER,
                    path TEXT,
                    submitted_at INTEGER NOT NULL,
                    updated_at INTEGER NOT NULL,
                    ended_at INTEGER
                );
                CREATE INDEX jobs_by_state ON jobs (state, number);
                CREATE INDEX jobs_by_batch ON jobs (batch_id, state, number) WHERE batch_id IS NOT NULL;
                CREATE INDEX jobs_by_kind ON jobs (kind, number);

                CREATE TABLE batches (
                    batch_id TEXT PRIMARY KEY NOT NULL,
                    requested_by TEXT,
                    items_total INTEGER NOT NULL,
                    already_enqueued INTEGER NOT NULL,
                    already_processed INTEGER NOT NULL,
                    created_at INTEGER NOT NULL
                ) WITHOUT ROWID;
                """)
    }
}
