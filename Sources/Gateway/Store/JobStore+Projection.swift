import Contracts
import Databases
import Foundation
import GRDB

// What events make of jobs.
extension JobStore {
    /// Takes in events, in the order given, in one transaction. Events that are known already change nothing.
    /// - Returns: how many were new.
    func apply(_ events: [JobEvent]) async throws -> Int {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            try events.reduce(0) { try $0 + (Self.apply($1, at: now, db) ? 1 : 0) }
        }
    }

    /// Takes in one event.
    /// - Returns: whether it was new.
    static func apply(_ event: JobEvent, at now: Timestamp, _ db: Database) throws -> Bool {
        var event = event
        let decision = event.takeDecision()
        guard try insertTimeline(event, db) else { return false }
        if let decision { try keep(decision, of: event.jobID, EventPosition(event), at: event.at, db) }
        let known = try standing(of: event.jobID, db)
        if known == nil { try insertJob(from: event, at: now, db) }
        let before = known ?? ProjectedState(state: .queued, position: .start)
        guard let after = before.after(event) else { return true }
        try update(event, to: after, db)
        try recordHealth(event, db)
        if after.state.isFinal { try forgetProgress(of: event.jobID, db) }
        try updateReservation(event, from: known?.state, to: after.state, at: now, db)
        try supersede(leftBehindBy: after, of: event.jobID, at: now, db)
        return true
    }

    static func standing(of job: JobID, _ db: Database) throws -> ProjectedState? {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT state, position FROM jobs WHERE job_id = ?"),
            arguments: [job.text])
        return row.map { row in
            ProjectedState(
                state: JobState(rawValue: row["state"]) ?? .queued, position: EventPosition(value: row["position"]))
        }
    }

    /// - Returns: whether the event is new.
    static func insertTimeline(_ event: JobEvent, _ db: Database) throws -> Bool {
        let data = try event.data.map { String(decoding: try ContractCoding.encode($0, sorted: true), as: UTF8.self) }
        try db.cachedStatement(
            sql: """
                INSERT INTO timeline (
                    event_id, job_id, position, sequence, event, stage, state, attempt, worker, code, message,
                    not_before, data, at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING
                """
        ).execute(arguments: [
            event.eventID, event.jobID.text, EventPosition(event).value,
            event.sequence, event.event, event.stage.rawValue, event.state.rawValue, event.attempt, event.worker,
            event.code?.rawValue, event.message, event.notBefore?.milliseconds, data, event.at.milliseconds,
        ])
        return db.changesCount > 0
    }

    /// A job that another service published straight to the stages is known from its events alone.
    private static func insertJob(from event: JobEvent, at now: Timestamp, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO jobs (
                    job_id, batch_id, kind, dedupe_key, artist, title, state, stage, position, attempt,
                    submitted_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            event.jobID.text, event.batchID, event.kind.rawValue, event.dedupeKey, event.artist, event.title,
            JobState.queued.rawValue, event.stage.rawValue, EventPosition.start.value, event.attempt,
            event.at.milliseconds, event.at.milliseconds,
        ])
        guard let batch = event.batchID else { return }
        try addToBatch(batch, requestedBy: nil, items: 1, at: now, db)
    }

    private static func update(_ event: JobEvent, to after: ProjectedState, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE jobs SET
                    state = ?, stage = ?, position = ?, attempt = ?, worker = ?, code = ?, message = ?,
                    not_before = ?, path = coalesce(?, path), updated_at = ?, ended_at = ?,
                    artist = coalesce(nullif(artist, ''), ?), title = coalesce(nullif(title, ''), ?)
                WHERE job_id = ?
                """
        ).execute(arguments: [
            after.state.rawValue, event.stage.rawValue, after.position.value, event.attempt, event.worker,
            event.code?.rawValue, event.message, event.notBefore?.milliseconds, path(of: event),
            event.at.milliseconds, after.state.isFinal ? event.at.milliseconds : nil,
            // What was submitted by an identifier alone gets its names on the way.
            event.artist, event.title, event.jobID.text,
        ])
    }

    private static func updateReservation(
        _ event: JobEvent, from before: JobState?, to after: JobState, at now: Timestamp, _ db: Database
    ) throws {
        if after.isProcessed {
            try Reservation.complete(event.dedupeKey, by: event.jobID, path: path(of: event), at: now, db)
        } else if after.isStopped {
            try Reservation.release(event.dedupeKey, by: event.jobID, db)
        } else if before?.isStopped ?? true {
            try Reservation.takeIfFree(event.dedupeKey, for: event.jobID, at: now, db)
        }
    }

    /// Also a job that is known from its events alone may be a standing one.
    private static func recordHealth(_ event: JobEvent, _ db: Database) throws {
        guard let tries = event.data?["standing_tries"]?.integerValue else { return }
        try db.cachedStatement(sql: "UPDATE jobs SET standing = 1, standing_tries = ? WHERE job_id = ?")
            .execute(arguments: [tries, event.jobID.text])
    }

    /// Where the file is in the library.
    private static func path(of event: JobEvent) -> String? {
        event.state.isProcessed ? event.data?["path"]?.stringValue : nil
    }
}
