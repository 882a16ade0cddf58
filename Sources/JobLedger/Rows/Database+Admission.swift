import Contracts
import Databases
import Foundation
import GRDB

extension Database {
    /// Admits items to their batch. Every new job starts here.
    func admit(
        _ items: [Admission.Item], _ context: AdmissionContext, _ limits: AdmissionLimits
    ) throws -> [SubmissionResponse.Item] {
        let responses = try items.map { try admit($0, context, limits) }
        func count(_ status: SubmissionResponse.Status) -> Int { responses.count { $0.status == status } }
        try addToBatch(
            context.batchID, requestedBy: context.requestedBy, items: responses.count,
            alreadyEnqueued: count(.alreadyEnqueued), alreadyProcessed: count(.alreadyProcessed), at: context.now)
        return responses
    }

    private func admit(
        _ item: Admission.Item, _ context: AdmissionContext, _ limits: AdmissionLimits
    ) throws -> SubmissionResponse.Item {
        let job = item.job
        if let reservation = try reservation(of: job.dedupeKey),
            let status = item.status(for: reservation, at: context.now, limits)
        {
            return SubmissionResponse.Item(
                index: item.index, jobID: reservation.jobID, status: status, state: reservation.state,
                dedupeKey: job.dedupeKey, path: reservation.path)
        }
        try reserve(job.dedupeKey, for: job.jobID, at: context.now)
        try insert(try addingVerdicts(item), context)
        return SubmissionResponse.Item(
            index: item.index, jobID: job.jobID, status: .enqueued, state: .queued, dedupeKey: job.dedupeKey)
    }

    /// The item with the verdicts that people gave on files for its track.
    private func addingVerdicts(_ item: Admission.Item) throws -> Admission.Item {
        guard let verdicts = try verdicts(on: DedupeKey.of(item.job.track)) else { return item }
        var item = item
        item.job.verdicts = verdicts
        item.body = try ContractCoding.encode(item.job)
        return item
    }

    private func insert(_ item: Admission.Item, _ context: AdmissionContext) throws {
        try insertJob(item, at: context.now)
        _ = try insertTimeline(
            JobEvent(
                .enqueued, of: item.job, at: .match, state: .queued, hop: 0, attempt: 1, worker: context.worker))
        try cachedStatement(
            sql: """
                INSERT INTO outbox (message_id, job_id, batch_id, priority, body, traceparent)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            UUID().uuidString.lowercased(), item.job.jobID.text, context.batchID, item.job.priority, item.body,
            context.traceparent,
        ])
    }

    private func insertJob(_ item: Admission.Item, at now: Timestamp) throws {
        let job = item.job
        try cachedStatement(
            sql: """
                INSERT INTO jobs (
                    job_id, batch_id, kind, requested_by, dedupe_key, priority, artist, title, album, document,
                    state, stage, position, attempt, submitted_at, updated_at, standing)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            job.jobID.text, job.batchID, job.kind.rawValue, job.requestedBy, job.dedupeKey, job.priority,
            job.track.artist, job.track.title, job.track.album, item.body, JobState.queued.rawValue,
            Stage.match.rawValue, EventPosition.start.value, 1, now.milliseconds, now.milliseconds,
            job.standing ?? false,
        ])
    }
}

extension Admission.Item {
    /// Returns the status of the item when another job holds its key; `nil` when the item starts a new job.
    fileprivate func status(
        for reservation: Reservation, at now: Timestamp, _ limits: AdmissionLimits
    ) -> SubmissionResponse.Status? {
        switch reservation.status {
        case .inProgress: .alreadyEnqueued
        case .completed where !force && reservation.isHeld(at: now, for: limits.processedFor): .alreadyProcessed
        case .completed: nil
        }
    }
}
