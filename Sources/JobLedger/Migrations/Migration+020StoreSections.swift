import Databases
import GRDB

extension Migration {
    /// What the stages wrote into a job's document, so that a person sees it and a restart can begin at any stage.
    ///
    /// There is one row for each job, stage and section; `position` is an ``EventPosition``. The rows of an ended job are
    /// deleted after `expires_at`. The index `jobs_active` serves the comparison of the ledger with the broker.
    static let storeSections = Migration(name: "020-store-sections") { db in
        try db.execute(
            sql: """
                CREATE TABLE sections (
                    number INTEGER PRIMARY KEY AUTOINCREMENT,
                    job_id TEXT NOT NULL,
                    stage TEXT NOT NULL,
                    name TEXT NOT NULL,
                    position INTEGER NOT NULL,
                    content BLOB NOT NULL,
                    expires_at INTEGER,
                    UNIQUE (job_id, stage, name)
                );
                CREATE INDEX sections_by_expiry ON sections (expires_at) WHERE expires_at IS NOT NULL;
                CREATE INDEX jobs_active ON jobs (number) WHERE ended_at IS NULL;
                """)
    }
}
