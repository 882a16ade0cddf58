PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('1 dead letters and the operator''s deeds');
CREATE TABLE dead_letter (
    id TEXT PRIMARY KEY NOT NULL,
    job_id TEXT, batch_id TEXT, kind TEXT, artist TEXT, title TEXT,
    stage TEXT, queue TEXT NOT NULL,
    reason TEXT NOT NULL, error TEXT NOT NULL,
    attempt INTEGER NOT NULL, requeues INTEGER NOT NULL, priority INTEGER, worker TEXT,
    created_at TEXT NOT NULL, dead_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    missing_since TEXT, requeued_at TEXT, purged_at TEXT
);
INSERT INTO dead_letter VALUES('m-0','job-0',NULL,'manual','Artist 0','Title 0','download','hdm.dlq.download','no_source','no source offers it',5,0,6,'download-a-1','2026-01-31T08:20:00.000Z','2026-01-31T08:20:00.000Z','2026-12-01T04:54:13.267Z',NULL,'2026-12-01T04:54:13.267Z',NULL);
INSERT INTO dead_letter VALUES('m-1','job-1',NULL,'manual','Artist 1','Title 1','download','hdm.dlq.download','no_source','no source offers it',5,1,6,'download-a-1','2026-01-31T08:20:01.000Z','2026-01-31T08:20:01.000Z','2026-12-01T04:54:13.288Z',NULL,NULL,'2026-12-01T04:54:13.288Z');
INSERT INTO dead_letter VALUES('m-2','job-2',NULL,'manual','Artist 2','Title 2','download','hdm.dlq.download','no_source','no source offers it',5,0,6,'download-a-1','2026-01-31T08:20:02.000Z','2026-01-31T08:20:02.000Z','2026-12-01T04:54:00.018Z','2026-12-01T04:54:14.992Z',NULL,NULL);
INSERT INTO dead_letter VALUES('m-3','job-3',NULL,'manual','Artist 3','Title 3','download','hdm.dlq.download','no_source','no source offers it',5,1,6,'download-a-1','2026-01-31T08:20:03.000Z','2026-01-31T08:20:03.000Z','2026-12-01T04:54:00.023Z',NULL,NULL,NULL);
INSERT INTO dead_letter VALUES('m-4','job-4',NULL,'manual','Artist 4','Title 4','download','hdm.dlq.download','no_source','no source offers it',5,0,6,'download-a-1','2026-01-31T08:20:04.000Z','2026-01-31T08:20:04.000Z','2026-12-01T04:54:00.029Z',NULL,NULL,NULL);
INSERT INTO dead_letter VALUES('m-5','job-5',NULL,NULL,NULL,NULL,'tag','hdm.dlq.invalid','invalid_payload','no source offers it',5,0,6,'download-a-1','2026-01-31T08:20:05.000Z','2026-01-31T08:20:05.000Z','2026-12-01T04:54:00.034Z',NULL,NULL,NULL);
INSERT INTO dead_letter VALUES('sha256-7ccfa1fbf3940e6f0c0375d87c0f9235',NULL,NULL,NULL,NULL,NULL,NULL,'hdm.dlq.invalid','unroutable','no queue is bound with the routing key ''job.nowhere''',1,0,NULL,NULL,'2026-12-01T04:54:04.976Z','2026-12-01T04:54:04.976Z','2026-12-01T04:54:04.976Z',NULL,NULL,NULL);
CREATE TABLE deed (
    number INTEGER PRIMARY KEY,
    at TEXT NOT NULL, action TEXT NOT NULL, actor TEXT NOT NULL,
    id TEXT NOT NULL, job_id TEXT, queue TEXT NOT NULL, outcome TEXT NOT NULL
);
INSERT INTO deed VALUES(1,'2026-12-01T04:54:13.261Z','requeue','anonymous','m-0','job-0','hdm.dlq.download','done');
INSERT INTO deed VALUES(2,'2026-12-01T04:54:13.283Z','purge','anonymous','m-1','job-1','hdm.dlq.download','done');
CREATE TABLE probe (count INTEGER NOT NULL);
INSERT INTO probe VALUES(10);
CREATE INDEX dead_letter_open ON dead_letter (queue, created_at)
    WHERE requeued_at IS NULL AND purged_at IS NULL;
CREATE INDEX deed_of ON deed (id);
COMMIT;
