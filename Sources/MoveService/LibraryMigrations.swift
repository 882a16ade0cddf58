import GRDB

/// The history of the library index's schema. A step is never changed after a release; new ones follow.
enum LibraryMigrations {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("001 files, moves, audit") { try createTables($0) }
        migrator.registerMigration("002 what files are") { try addTracks($0) }
        return migrator
    }

    private static func createTables(_ database: Database) throws {
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

    /// What was wished for, as JSON, and the album of a file in its catalogue once somebody has found it. Rows from before
    /// have neither.
    private static func addTracks(_ database: Database) throws {
        try database.execute(
            sql: """
                ALTER TABLE moves ADD COLUMN track TEXT;
                ALTER TABLE files ADD COLUMN track TEXT;
                ALTER TABLE files ADD COLUMN album_link TEXT;
                """)
    }
}
