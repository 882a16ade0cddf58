import Databases
import GRDB

extension Migration {
    /// Links that become jobs. A row is leased by the process that takes the next step; `step` counts committed steps.
    /// `pending` holds the state after the present step while its submissions are not answered. `emitted_step` is the
    /// step of the last confirmed event. `expansion_seen` holds the tracks that the list contained so far.
    static let createExpansions = Migration(name: "001-create-expansions") { db in
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
                    emitted_step INTEGER NOT NULL DEFAULT 0,
                    pending BLOB,
                    lease_owner TEXT,
                    leased_until INTEGER NOT NULL DEFAULT 0,
                    created_at INTEGER NOT NULL,
                    updated_at INTEGER NOT NULL,
                    ended_at INTEGER
                );
                CREATE INDEX expansions_due ON expansions (due_at, number) WHERE ended_at IS NULL;
                CREATE INDEX expansions_unemitted ON expansions (number) WHERE emitted_step < step;

                CREATE TABLE expansion_seen (
                    expansion_id TEXT NOT NULL,
                    key TEXT NOT NULL,
                    pass INTEGER NOT NULL,
                    PRIMARY KEY (expansion_id, key)
                ) WITHOUT ROWID;
                """)
    }
}
