import Databases
import GRDB

extension Migration {
    /// Links that become jobs. The process that runs the next step leases the row; `step` counts the committed steps, so
    /// that no step is committed twice. `expansion_seen` has the entries of a list that were read so far.
    static let createExpansions = Migration(name: "015-create-expansions") { db in
        try db.execute(
            sql: """
                CREATE TABLE expansions (
                    number INTEGER PRIMARY KEY AUTOINCREMENT,
                    expansion_id TEXT NOT NULL UNIQUE,
                    batch_id TEXT NOT NULL,
                    link TEXT NOT NULL,
                    plan BLOB NOT NULL,
                    state TEXT NOT NULL,
                    cursor BLOB NOT NULL,
                    counts BLOB NOT NULL,
                    total INTEGER,
                    code TEXT,
                    message TEXT,
                    failures INTEGER NOT NULL DEFAULT 0,
                    due_at INTEGER NOT NULL,
                    step INTEGER NOT NULL DEFAULT 0,
                    lease_owner TEXT,
                    leased_until INTEGER NOT NULL DEFAULT 0,
                    created_at INTEGER NOT NULL,
                    updated_at INTEGER NOT NULL,
                    ended_at INTEGER
                );
                CREATE INDEX expansions_by_batch ON expansions (batch_id, number);
                CREATE INDEX expansions_due ON expansions (due_at, number) WHERE ended_at IS NULL;

                CREATE TABLE expansion_seen (
                    expansion_id TEXT NOT NULL,
                    key TEXT NOT NULL,
                    pass INTEGER NOT NULL,
                    PRIMARY KEY (expansion_id, key)
                ) WITHOUT ROWID;
                """)
    }
}
