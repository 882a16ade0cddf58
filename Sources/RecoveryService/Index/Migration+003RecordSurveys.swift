import Databases

extension Migration {
    /// Adds `surveyed`: whether the message was found in its queue, or put into it. Entries of earlier versions count as
    /// found: whether their messages were purged since is not known.
    static let recordSurveys = Migration(name: "3 messages that their queues did not get") { db in
        try db.execute(
            sql: """
                ALTER TABLE dead_letter ADD COLUMN surveyed INTEGER NOT NULL DEFAULT 1;
                CREATE INDEX dead_letter_missed ON dead_letter (queue) WHERE surveyed = 0;
                """)
    }
}
