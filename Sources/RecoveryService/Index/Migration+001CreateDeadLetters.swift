import Databases

extension Migration {
    /// Every step of the index's schema, in order.
    static let deadLetterIndex: [Migration] = [.createDeadLetters, .keepMessages, .recordSurveys]

    /// The dead letters, and what operators did with them (`deed`).
    private static let createDeadLetters = Migration(name: "1 dead letters and the operator's deeds") { db in
        try db.execute(
            sql: """
                CREATE TABLE dead_letter (
                    id TEXT PRIMARY KEY NOT NULL,
                    job_id TEXT, batch_id TEXT, kind TEXT, artist TEXT, title TEXT,
                    stage TEXT, queue TEXT NOT NULL,
                    reason TEXT NOT NULL, error TEXT NOT NULL,
                    attempt INTEGER NOT NULL, requeues INTEGER NOT NULL, priority INTEGER, worker TEXT,
                    created_at TEXT NOT NULL, dead_at TEXT NOT NULL, updated_at TEXT NOT NULL,
                    missing_since TEXT, requeued_at TEXT, purged_at TEXT
                );
                CREATE INDEX dead_letter_open ON dead_letter (queue, created_at)
                    WHERE requeued_at IS NULL AND purged_at IS NULL;
                CREATE TABLE deed (
                    number INTEGER PRIMARY KEY,
                    at TEXT NOT NULL, action TEXT NOT NULL, actor TEXT NOT NULL,
                    id TEXT NOT NULL, job_id TEXT, queue TEXT NOT NULL, outcome TEXT NOT NULL
                );
                CREATE INDEX deed_of ON deed (id);
                CREATE TABLE probe (count INTEGER NOT NULL);
                INSERT INTO probe VALUES (0);
                """)
    }
}
