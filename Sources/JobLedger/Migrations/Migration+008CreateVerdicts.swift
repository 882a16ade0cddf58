import Databases
import GRDB

extension Migration {
    /// Decisions of people about files for a track. `target` is the key of the track itself, without a key of the batch or
    /// the submission, so that a verdict applies to every later job. `path` is shown to people.
    static let createVerdicts = Migration(name: "008-create-verdicts") { db in
        try db.execute(
            sql: """
                CREATE TABLE verdicts (
                    target TEXT NOT NULL,
                    candidate_key TEXT NOT NULL,
                    verdict TEXT NOT NULL,
                    at INTEGER NOT NULL,
                    by TEXT NOT NULL,
                    job_id TEXT NOT NULL,
                    path TEXT NOT NULL,
                    PRIMARY KEY (target, candidate_key)
                ) WITHOUT ROWID;
                CREATE INDEX verdicts_by_age ON verdicts (target, at);
                """)
    }
}
