import Contracts
import Databases
import Foundation
import GRDB

extension Database {
    /// Applies one event to its job. An event of a step that the timeline has changes nothing.
    func apply(_ event: JobEvent, at now: Timestamp) throws -> EventEffect {
        var event = event
        if event.dedupeKey.isEmpty { event.dedupeKey = try dedupeKey(of: event.jobID) ?? "" }
        guard try !hasStep(of: event) else { return .repeated }
        let (decision, entry) = event.timelineEntry
        guard try insertTimeline(entry) else { return .repeated }
        if let decision { try record(decision, of: event.jobID, EventPosition(event), at: event.at) }
        let known = try projectedState(of: event.jobID)
        if known == nil { try insertJob(from: event, at: now) }
        try storeDocument(of: event)
        try storeSections(of: event)
        let before = known ?? ProjectedState(state: .queued, position: .start)
        guard let after = before.after(event) else {
            // The entry of a step can arrive before the event with which the job begins to work.
            return known == nil && !event.dedupeKey.isEmpty ? try reserveAgain(event, at: now) : .applied
        }
        try update(event, to: after, at: now)
        try updateMonitoring(event)
        if after.state.isFinal { try deleteProgress(of: event.jobID) }
        if after.state.isFinal || before.state.isFinal {
            try limitSections(of: event.jobID, isEnded: after.state.isFinal, at: now)
        }
        try supersedeReviews(of: event.jobID, passedBy: after, at: now)
        return try updateReservation(event, from: known?.state, to: after.state, at: now)
    }

    /// Returns the key of a job that the ledger has. An event has none if its publisher could not read the document, or no
    /// longer has it.
    private func dedupeKey(of job: JobID) throws -> String? {
        try String.fetchOne(
            cachedStatement(sql: "SELECT dedupe_key FROM jobs WHERE job_id = ?"), arguments: [job.text])
    }

    /// Whether the timeline has an event of the same generation, hop, stage and name. Its id may be another one, if
    /// another program published it.
    private func hasStep(of event: JobEvent) throws -> Bool {
        guard event.name != .step else { return false }
        return try Bool.fetchOne(
            cachedStatement(
                sql: """
                    SELECT EXISTS (
                        SELECT 1 FROM timeline WHERE job_id = ? AND position = ? AND sequence = ? AND event = ?)
                    """),
            arguments: [event.jobID.text, EventPosition(event).value, event.sequence, event.event]) ?? false
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

    /// Inserts a job that another service published to the stages.
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
            event.time(at: now).milliseconds, event.time(at: now).milliseconds,
        ])
        guard let batch = event.batchID else { return }
        try addToBatch(batch, requestedBy: nil, items: 1, at: now)
    }

    /// Stores the document of a job that another service published to the stages, unless the ledger has one.
    func storeDocument(of event: JobEvent) throws {
        guard let body = event.document, let job = try? JobBody(body).document, job.jobID == event.jobID else { return }
        try cachedStatement(
            sql: """
                UPDATE jobs SET document = ?, priority = ?, requested_by = ?, album = ?, standing = max(standing, ?)
                WHERE job_id = ? AND document IS NULL
                """
        ).execute(arguments: [
            body, job.priority, job.requestedBy, job.track.album, job.standing ?? false, job.jobID.text,
        ])
    }

    private func update(_ event: JobEvent, to after: ProjectedState, at now: Timestamp) throws {
        let time = event.time(at: now).milliseconds
        try cachedStatement(
            sql: """
                UPDATE jobs SET
                    state = ?, stage = ?, position = ?, attempt = ?, worker = ?, code = ?, message = ?,
                    not_before = ?, path = coalesce(?, path), updated_at = ?, ended_at = ?,
                    artist = coalesce(nullif(artist, ''), ?), title = coalesce(nullif(title, ''), ?),
                    dedupe_key = coalesce(nullif(dedupe_key, ''), ?)
                WHERE job_id = ?
                """
        ).execute(arguments: [
            after.state.rawValue, event.stage.rawValue, after.position.value, event.attempt, event.worker,
            event.code?.rawValue, event.message, event.notBefore?.milliseconds, event.libraryPath,
            time, after.state.isFinal ? time : nil,
            // A job that was submitted with an identifier only gets its names from the match stage.
            event.artist, event.title, event.dedupeKey, event.jobID.text,
        ])
    }

    private func updateReservation(
        _ event: JobEvent, from before: JobState?, to after: JobState, at now: Timestamp
    ) throws -> EventEffect {
        guard !event.dedupeKey.isEmpty else { return .applied }
        if after.isProcessed {
            try completeReservation(of: event.dedupeKey, by: event.jobID, path: event.libraryPath, at: now)
        } else if after.isStopped {
            try releaseReservation(of: event.dedupeKey, by: event.jobID)
        } else if before?.isStopped ?? true {
            return try reserveAgain(event, at: now)
        }
        return .applied
    }

    /// Gives the key of a job that is new to the ledger, or works again, to this job if it is free. Otherwise the timeline
    /// says which job holds it.
    private func reserveAgain(_ event: JobEvent, at now: Timestamp) throws -> EventEffect {
        try reserveIfFree(event.dedupeKey, for: event.jobID, at: now)
        guard let holder = try reservation(of: event.dedupeKey)?.jobID, holder != event.jobID else { return .applied }
        var entry = event
        entry.event = "job.\(event.stage.rawValue).\(JobEvent.Name.step.rawValue)"
        entry.eventID += ".key"
        entry.message = "job \(holder) holds the key of this recording"
        (entry.code, entry.notBefore, entry.data) = (nil, nil, nil)
        _ = try insertTimeline(entry)
        return .keyHeld(KeyConflict(job: event.jobID, key: event.dedupeKey, holder: holder))
    }

    /// Records that a job is monitored. A job of which only events are known may be a monitored one.
    private func updateMonitoring(_ event: JobEvent) throws {
        guard let tries = event.data?["standing_tries"]?.integerValue else { return }
        try cachedStatement(sql: "UPDATE jobs SET standing = 1, standing_tries = ? WHERE job_id = ?")
            .execute(arguments: [tries, event.jobID.text])
    }
}

extension JobEvent {
    /// The time that counts for the job. The clock of another host may be ahead: a job without a message would not be
    /// searched for until that time. The timeline has the event's own time.
    fileprivate func time(at now: Timestamp) -> Timestamp { min(at, now) }

    /// The path of the file in the library.
    fileprivate var libraryPath: String? { state.isProcessed ? data?["path"]?.stringValue : nil }
}
