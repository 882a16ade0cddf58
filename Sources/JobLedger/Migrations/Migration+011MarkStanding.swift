import Databases
import GRDB

extension Migration {
    /// Monitored jobs: `standing` is 1, and `standing_tries` is how often the job was rescheduled.
    static let markStanding = Migration(name: "011-mark-standing") { db in
        try db.execute(
            sql: """
                ALTER TABLE jobs ADD COLUMN standing INTEGER NOT NULL DEFAULT 0;
                ALTER TABLE jobs ADD COLUMN standing_tries INTEGER;
                CREATE INDEX jobs_standing ON jobs (number) WHERE standing = 1;
                """)
    }
}
