import Databases
import GRDB

extension Migration {
    /// Doubtful matches that people decide about. A job may have several reviews; `requeues` (the generation) and `hop` of
    /// the message distinguish them. `answer` is the response to the decision that ended the review.
    static let createReviews = Migration(name: "007-create-reviews") { db in
        try db.execute(
            sql: """
                CREATE TABLE reviews (
                    number INTEGER PRIMARY KEY AUTOINCREMENT,
                    job_id TEXT NOT NULL,
                    requeues INTEGER NOT NULL,
                    hop INTEGER NOT NULL,
                    restarts INTEGER NOT NULL,
                    traceparent TEXT,
                    position INTEGER NOT NULL,
                    target TEXT NOT NULL,
                    document BLOB NOT NULL,
                    reason TEXT NOT NULL,
                    status TEXT NOT NULL,
                    asked_at INTEGER NOT NULL,
                    resolved_at INTEGER,
                    resolved_by TEXT,
                    answer BLOB,
                    UNIQUE (job_id, requeues, hop)
                );
                CREATE INDEX reviews_by_status ON reviews (status, asked_at, number);
                CREATE INDEX reviews_open ON reviews (job_id) WHERE status = 'open';
                """)
    }
}
