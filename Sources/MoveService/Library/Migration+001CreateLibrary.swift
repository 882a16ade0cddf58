import Databases
import GRDB

extension LibraryIndex {
    /// The history of the schema, in its order. The index is at the last step.
    static let migrations: [Migration] = [.createLibrary, .addTracks]
}

extension Migration {
    static let createLibrary = Migration(name: "001 files, moves, audit") { database in
        try database.execute(
            sql: """
                CREATE TABLE files (
                    path TEXT PRIMARY KEY NOT NULL,
                    job_id TEXT NOT NULL,
                    dedupe_key TEXT NOT NULL,
                    is_forced INTEGER NOT NULL CHECK (is_forced IN (0, 1)),
                    origin TEXT NOT NULL CHECK (origin IN ('moved', 'adopted')),
                    sha256 TEXT NOT NULL,
                    size INTEGER NOT NULL,
                    added_at TEXT NOT NULL
                );
                CREATE UNIQUE INDEX files_guard ON files (dedupe_key) WHERE is_forced = 0;
                CREATE INDEX files_dedupe_key ON files (dedupe_key);
                CREATE INDEX files_job ON files (job_id);

                CREATE TABLE moves (
                    job_id TEXT PRIMARY KEY NOT NULL,
                    dedupe_key TEXT NOT NULL,
                    is_forced INTEGER NOT NULL CHECK (is_forced IN (0, 1)),
                    state TEXT NOT NULL CHECK (state IN ('intended', 'placed', 'done', 'duplicate')),
                    source TEXT NOT NULL,
                    temp TEXT NOT NULL,
                    target TEXT NOT NULL,
                    target_fold TEXT NOT NULL,
                    sha256 TEXT NOT NULL,
                    size INTEGER NOT NULL,
                    created_at TEXT NOT NULL,
                    updated_at TEXT NOT NULL
                );
                CREATE UNIQUE INDEX moves_target ON moves (target_fold) WHERE state = 'intended';
                CREATE INDEX moves_unfinished ON moves (dedupe_key) WHERE state = 'intended';

                CREATE TABLE audit (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    at TEXT NOT NULL,
                    action TEXT NOT NULL,
                    job_id TEXT NOT NULL,
                    from_path TEXT,
                    to_path TEXT NOT NULL,
                    sha256 TEXT NOT NULL,
                    actor TEXT NOT NULL
                );
                CREATE INDEX audit_job ON audit (job_id);
                """)
    }
}
