import Contracts
import Databases
import Foundation
import GRDB

extension Database {
    /// Applies one event to its job.
    /// - Returns: Whether the event is new.
    func apply(_ event: JobEvent, at now: Timestamp) throws -> Bool {
        var event = event
        let decision = event.removeDecision()
        guard try insertTimeline(event) else { return false }
        if let decision { try record(decision, of: event.jobID, EventPosition(event), at: event.at) }
        let known = try projectedState(of: event.jobID)
        if known == nil { try insertJob(from: event, at: now) }
        let before = known ?? ProjectedState(state: .queued, position: .start)
        guard let after = before.after(event) else { return true }
        try update(event, to: after)
        try updateMonitoring(event)
        if after.state.isFinal { try deleteProgress(of: event.jobID) }
        try updateReservation(event, from: known?.state, to: after.state, at: now)
        try supersedeReviews(of: event.jobID, passedBy: after, at: now)
        return true
    }

    /// Returns the state of a job; `nil` when the ledger has no such job.
    func projectedState(of job: JobID) throws -> ProjectedState? {
        try readFirst("SELECT state, position FROM jobs WHERE job_id = ?", [job.text]) { row in
            ProjectedState(
                state: JobState(rawValue: try row.value("state")) ?? .queued,
                position: EventPosition(value: try row.value("position")))
        }
    }

    /// Adds an event to the timeline of its job.
    /// - Returns: Whether the event is new.
    func insertTimeline(_ event: JobEvent) throws -> Bool {
        let data = try event.data.map { String(decoding: try ContractCoding.encode($0, sorted: true), as: UTF8.self) }
        try cachedStatement(
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
        return changesCount > 0
    }

    /// Inserts a job that another service published to the stages: only its events are known.
    private func insertJob(from event: JobEvent, at now: Timestamp) throws {
        try cachedStatement(
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
        try addToBatch(batch, requestedBy: nil, items: 1, at: now)
    }

    private func update(_ event: JobEvent, to after: ProjectedState) throws {
        try cachedStatement(
            sql: """
                UPDATE jobs SET
                    state = ?, stage = ?, position = ?, attempt = ?, worker = ?, code = ?, message = ?,
                    not_before = ?, path = coalesce(?, path), updated_at = ?, ended_at = ?,
                    artist = coalesce(nullif(artist, ''), ?), title = coalesce(nullif(title, ''), ?)
                WHERE job_id = ?
                """
        ).execute(arguments: [
            after.state.rawValue, event.stage.rawValue, after.position.value, event.attempt, event.worker,
            event.code?.rawValue, event.message, event.notBefore?.milliseconds, event.libraryPath,
            event.at.milliseconds, after.state.isFinal ? event.at.milliseconds : nil,
            // A job that was submitted with an identifier only gets its names from the match stage.
            event.artist, event.title, event.jobID.text,
        ])
    }

    private func updateReservation(
        _ event: JobEvent, from before: JobState?, to after: JobState, at now: Timestamp
    ) throws {
        if after.isProcessed {
            try completeReservation(of: event.dedupeKey, by: event.jobID, path: event.libraryPath, at: now)
        } else if after.isStopped {
            try releaseReservation(of: event.dedupeKey, by: event.jobID)
        } else if before?.isStopped ?? true {
            try reserveIfFree(event.dedupeKey, for: event.jobID, at: now)
        }
    }

    /// Records that a job is monitored. A job of which only events are known may be a monitored one.
    private func updateMonitoring(_ event: JobEvent) throws {
        guard let tries = event.data?["standing_tries"]?.integerValue else { return }
        try cachedStatement(sql: "UPDATE jobs SET standing = 1, standing_tries = ? WHERE job_id = ?")
            .execute(arguments: [tries, event.jobID.text])
    }
}

extension JobEvent {
    /// The path of the file in the library.
    fileprivate var libraryPath: String? { state.isProcessed ? data?["path"]?.stringValue : nil }
}
