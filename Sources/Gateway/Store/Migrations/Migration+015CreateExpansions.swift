import Databases
import GRDB

extension Migration {
    /// Links that become jobs. A row is leased by the process that takes the next step; `step` counts those that were
    /// taken, so that none is taken twice. `expansion_seen` holds what a list brought so far, until it was read to its
    /// end.
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
