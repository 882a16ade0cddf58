import Databases
import GRDB

extension Migration {
    /// Backfills, and what one has read of the library so far: the keys of its tracks, and their albums. Both are deleted
    /// when the backfill ends.
    static let createBackfills = Migration(name: "003-create-backfills") { db in
        try db.execute(
            sql: """
                CREATE TABLE backfills (
                    number INTEGER PRIMARY KEY AUTOINCREMENT,
                    backfill_id TEXT NOT NULL UNIQUE,
                    terms BLOB NOT NULL,
                    state TEXT NOT NULL,
                    cursor BLOB NOT NULL,
                    counts BLOB NOT NULL,
                    code TEXT,
                    message TEXT,
                    failures INTEGER NOT NULL DEFAULT 0,
                    due_at INTEGER NOT NULL,
                    step INTEGER NOT NULL DEFAULT 0,
                    pending BLOB,
                    lease_owner TEXT,
                    leased_until INTEGER NOT NULL DEFAULT 0,
                    created_at INTEGER NOT NULL,
                    updated_at INTEGER NOT NULL,
                    ended_at INTEGER
                );
                CREATE INDEX backfills_due ON backfills (due_at, number) WHERE ended_at IS NULL;

                CREATE TABLE backfill_tracks (
                    backfill INTEGER NOT NULL,
                    key TEXT NOT NULL,
                    PRIMARY KEY (backfill, key)
                ) WITHOUT ROWID;

                CREATE TABLE backfill_albums (
                    number INTEGER PRIMARY KEY AUTOINCREMENT,
                    backfill INTEGER NOT NULL,
                    album TEXT NOT NULL,
                    UNIQUE (backfill, album)
                );
                """)
    }
}
