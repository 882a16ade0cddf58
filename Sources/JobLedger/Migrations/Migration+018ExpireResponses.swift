import Databases
import GRDB

extension Migration {
    /// Gives each stored response an expiry of its own; responses to the planner are stored longer than others. Existing
    /// responses get 24 hours, which was the lifetime of all.
    static let expireResponses = Migration(name: "018-expire-responses") { db in
        try db.execute(
            sql: """
                ALTER TABLE responses ADD COLUMN expires_at INTEGER NOT NULL DEFAULT 0;
                UPDATE responses SET expires_at = created_at + 86400000;
                DROP INDEX responses_by_age;
                CREATE INDEX responses_by_expiry ON responses (expires_at);
                """)
    }
}
