import Databases
import GRDB

extension Migration {
    /// Single values that outlive the process, such as where the next backfill begins.
    static let createFacts = Migration(name: "006-create-facts") { db in
        try db.execute(
            sql: """
                CREATE TABLE facts (
                    name TEXT PRIMARY KEY NOT NULL,
                    value TEXT NOT NULL
                ) WITHOUT ROWID;
                """)
    }
}
