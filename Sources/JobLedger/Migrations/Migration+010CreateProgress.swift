import Databases
import GRDB

extension Migration {
    /// The latest progress of running jobs: one row for each job, deleted when the job ends or when the row is old.
    static let createProgress = Migration(name: "010-create-progress") { db in
        try db.execute(
            sql: """
                CREATE TABLE progress (
                    job_id TEXT PRIMARY KEY NOT NULL,
                    stage TEXT NOT NULL,
                    done INTEGER NOT NULL,
                    total INTEGER,
                    rate REAL,
                    peer TEXT,
                    place_in_queue INTEGER,
                    phase TEXT,
                    at INTEGER NOT NULL
                ) WITHOUT ROWID;
                CREATE INDEX progress_by_age ON progress (at);
                """)
    }
}
