import Databases

extension Migration {
    /// Entries by message id, job and generation instead of by message id, and the whole messages.
    ///
    /// - `subject`: the job's id, or a digest of a body that is no document; empty for an entry of the first version
    ///   until its message is read again.
    /// - `cause`: who dead-lettered the message (`DeathCause`).
    /// - `told`: whether the job's ending was published.
    /// - `given_up`: whether a message that no queue took is not returned any more.
    /// - `parked`: whether the message was in its queue when that was read last.
    /// - `requeued_as`: the generation that replaced this one. A message with it is stale.
    static let keepMessages = Migration(name: "2 whole messages, by id, job and generation") { db in
        try db.execute(
            sql: """
                CREATE TABLE entry (
                    number INTEGER PRIMARY KEY,
                    id TEXT NOT NULL, subject TEXT NOT NULL, requeues INTEGER NOT NULL,
                    job_id TEXT, batch_id TEXT, kind TEXT, artist TEXT, title TEXT,
                    stage TEXT, queue TEXT NOT NULL,
                    reason TEXT NOT NULL, error TEXT NOT NULL, cause TEXT NOT NULL, told INTEGER NOT NULL,
                    given_up INTEGER NOT NULL DEFAULT 0,
                    attempt INTEGER NOT NULL, priority INTEGER, worker TEXT,
                    created_at TEXT NOT NULL, dead_at TEXT NOT NULL, updated_at TEXT NOT NULL,
                    parked INTEGER NOT NULL, missing_since TEXT,
                    requeued_at TEXT, requeued_as INTEGER, purged_at TEXT,
                    UNIQUE (id, subject, requeues)
                );
                INSERT INTO entry (id, subject, requeues, job_id, batch_id, kind, artist, title, stage, queue, reason,
                    error, cause, told, attempt, priority, worker, created_at, dead_at, updated_at, parked,
                    missing_since, requeued_at, purged_at)
                SELECT id, '', requeues, job_id, batch_id, kind, artist, title, stage, queue, reason, error, 'service',
                    reason NOT IN ('rejected', 'maxlen', 'delivery_limit', 'invalid_payload', 'unroutable'), attempt,
                    priority, worker, created_at, dead_at, updated_at,
                    coalesce(missing_since, requeued_at, purged_at) IS NULL, missing_since, requeued_at, purged_at
                FROM dead_letter ORDER BY dead_at, id;
                DROP TABLE dead_letter;
                ALTER TABLE entry RENAME TO dead_letter;
                CREATE INDEX dead_letter_open ON dead_letter (queue, created_at)
                    WHERE requeued_at IS NULL AND purged_at IS NULL;
                CREATE INDEX dead_letter_job ON dead_letter (job_id);
                CREATE INDEX dead_letter_untold ON dead_letter (number) WHERE told = 0;
                CREATE INDEX dead_letter_stale ON dead_letter (queue) WHERE requeued_as IS NOT NULL AND parked = 1;
                CREATE INDEX dead_letter_unrouted ON dead_letter (number)
                    WHERE cause = 'unrouted' AND requeued_at IS NULL AND purged_at IS NULL;
                CREATE TABLE message (
                    number INTEGER PRIMARY KEY REFERENCES dead_letter (number) ON DELETE CASCADE,
                    exchange TEXT NOT NULL, routing_key TEXT NOT NULL, properties BLOB NOT NULL,
                    size INTEGER NOT NULL, body BLOB
                );
                CREATE TABLE census (at TEXT NOT NULL);
                ALTER TABLE deed ADD COLUMN entry INTEGER;
                CREATE INDEX deed_of_entry ON deed (entry) WHERE outcome = 'begun';
                """)
    }
}
