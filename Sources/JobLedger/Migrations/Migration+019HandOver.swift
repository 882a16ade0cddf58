import Databases
import Foundation
import GRDB

extension Migration {
    /// Renames the tables that now belong to the planner, which fetches them once, and creates a smaller `expansions`
    /// for the states of the links of a batch.
    ///
    /// Three of the tables have no rowid. They are copied into tables with one, so that every table can be read in pages.
    static let handOver = Migration(name: "019-hand-over") { db in
        try db.execute(
            sql: """
                DROP INDEX expansions_by_batch;
                DROP INDEX expansions_due;
                DROP INDEX watchlist_due;
                DROP INDEX backfills_due;
                ALTER TABLE expansions RENAME TO handover_expansions;
                ALTER TABLE watchlist RENAME TO handover_watchlist;
                ALTER TABLE backfills RENAME TO handover_backfills;
                ALTER TABLE backfill_albums RENAME TO handover_backfill_albums;
                CREATE TABLE handover_expansion_seen AS SELECT * FROM expansion_seen;
                CREATE TABLE handover_watchlist_seen AS SELECT * FROM watchlist_seen;
                CREATE TABLE handover_backfill_tracks AS SELECT * FROM backfill_tracks;
                DROP TABLE expansion_seen;
                DROP TABLE watchlist_seen;
                DROP TABLE backfill_tracks;
                CREATE TABLE handover_completed (at INTEGER NOT NULL);

                CREATE TABLE expansions (
                    number INTEGER PRIMARY KEY AUTOINCREMENT,
                    expansion_id TEXT NOT NULL UNIQUE,
                    batch_id TEXT NOT NULL,
                    link TEXT NOT NULL,
                    step INTEGER NOT NULL DEFAULT 0,
                    state TEXT NOT NULL,
                    read INTEGER NOT NULL DEFAULT 0,
                    enqueued INTEGER NOT NULL DEFAULT 0,
                    already_enqueued INTEGER NOT NULL DEFAULT 0,
                    already_processed INTEGER NOT NULL DEFAULT 0,
                    skipped TEXT NOT NULL DEFAULT '{}',
                    total INTEGER,
                    until INTEGER,
                    code TEXT,
                    message TEXT,
                    created_at INTEGER NOT NULL,
                    updated_at INTEGER NOT NULL,
                    ended_at INTEGER
                );
                CREATE INDEX expansions_by_batch ON expansions (batch_id, number);
                INSERT INTO expansions (
                    number, expansion_id, batch_id, link, step, state, read, enqueued, already_enqueued,
                    already_processed, skipped, total, until, code, message, created_at, updated_at, ended_at)
                SELECT
                    number, expansion_id, batch_id, link, step, state, \(count("read")), \(count("enqueued")),
                    \(count("alreadyEnqueued")), \(count("alreadyProcessed")),
                    \(value("skipped", default: "'{}'")),
                    total, CASE state WHEN 'waiting' THEN due_at END, code, message, created_at, updated_at, ended_at
                FROM handover_expansions ORDER BY number;
                """)
    }

    private static func count(_ name: String) -> String { value(name, default: "0") }

    /// Returns an expression for one member of the counts of the former table, which are JSON.
    ///
    /// `json_extract` fails for text that is no JSON. One damaged row must not fail the migration, so it gets the default.
    private static func value(_ name: String, default fallback: String) -> String {
        """
        CASE WHEN json_valid(CAST(counts AS TEXT))
            THEN coalesce(json_extract(CAST(counts AS TEXT), '$.\(name)'), \(fallback)) ELSE \(fallback) END
        """
    }
}
