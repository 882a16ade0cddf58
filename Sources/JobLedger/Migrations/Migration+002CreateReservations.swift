import Databases
import GRDB

extension Migration {
    /// The jobs that hold dedupe keys: a running job (`in_progress`), or one whose recording is in the library (`completed`,
    /// with the path). A key without a row is free.
    static let createReservations = Migration(name: "002-create-reservations") { db in
        try db.execute(
            sql: """
                CREATE TABLE reservations (
                    key TEXT PRIMARY KEY NOT NULL,
                    job_id TEXT NOT NULL,
                    status TEXT NOT NULL,
                    path TEXT,
                    created_at INTEGER NOT NULL,
                    updated_at INTEGER NOT NULL,
                    completed_at INTEGER
                ) WITHOUT ROWID;
                """)
    }
}
