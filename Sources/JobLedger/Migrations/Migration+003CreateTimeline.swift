import Databases
import GRDB

extension Migration {
    /// All events of the jobs, each once.
    static let createTimeline = Migration(name: "003-create-timeline") { db in
        try db.execute(
            sql: """
                CREATE TABLE timeline (
                    event_id TEXT PRIMARY KEY NOT NULL,
                    job_id TEXT NOT NULL,
                    position INTEGER NOT NULL,
                    sequence INTEGER NOT NULL,
                    event TEXT NOT NULL,
                    stage TEXT NOT NULL,
                    state TEXT NOT NULL,
                    attempt INTEGER NOT NULL,
                    worker TEXT NOT NULL,
                    code TEXT,
                    message TEXT,
                    not_before INTEGER,
                    data TEXT,
                    at INTEGER NOT NULL
                );
                CREATE INDEX timeline_by_job ON timeline (job_id, position, at);
                """)
    }
}
