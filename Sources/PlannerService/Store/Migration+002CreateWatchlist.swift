import Databases
import GRDB

extension Migration {
    /// Watched artists and playlists. `run` is the present check, or NULL between checks; `watchlist_seen` holds the
    /// releases and recordings that earlier checks found.
    static let createWatchlist = Migration(name: "002-create-watchlist") { db in
        try db.execute(
            sql: """
                CREATE TABLE watchlist (
                    number INTEGER PRIMARY KEY AUTOINCREMENT,
                    watch_id TEXT NOT NULL UNIQUE,
                    artist_key TEXT NOT NULL UNIQUE,
                    link TEXT NOT NULL,
                    terms BLOB NOT NULL,
                    paused INTEGER NOT NULL DEFAULT 0,
                    pause_reason TEXT,
                    resume_at INTEGER,
                    run BLOB,
                    last_run BLOB,
                    runs INTEGER NOT NULL DEFAULT 0,
                    snapshot TEXT,
                    code TEXT,
                    message TEXT,
                    failures INTEGER NOT NULL DEFAULT 0,
                    due_at INTEGER NOT NULL,
                    step INTEGER NOT NULL DEFAULT 0,
                    pending BLOB,
                    lease_owner TEXT,
                    leased_until INTEGER NOT NULL DEFAULT 0,
                    created_at INTEGER NOT NULL,
                    updated_at INTEGER NOT NULL
                );
                CREATE INDEX watchlist_due ON watchlist (due_at, number);

                CREATE TABLE watchlist_seen (
                    watch INTEGER NOT NULL,
                    key TEXT NOT NULL,
                    PRIMARY KEY (watch, key)
                ) WITHOUT ROWID;
                """)
    }
}
