import Databases
import GRDB

extension Migration {
    /// The last decision of the match stage about each job. `position` is an ``EventPosition``.
    static let createMatches = Migration(name: "006-create-matches") { db in
        try db.execute(
            sql: """
                CREATE TABLE matches (
                    job_id TEXT PRIMARY KEY NOT NULL,
                    position INTEGER NOT NULL,
                    decision TEXT NOT NULL,
                    at INTEGER NOT NULL
                ) WITHOUT ROWID;
                """)
    }
}
