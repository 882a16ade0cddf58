import Contracts
import Foundation
import GRDB

// Taking submissions.
extension JobStore {
    /// Reserves the keys of a submission's items, keeps its new jobs and puts them into the outbox, in one transaction, which
    /// it may share with other submissions.
    /// - Throws: ``IntakeError`` `.conflict`, `DatabaseError`.
    func admit(
        _ admission: Admission, limits: IntakeLimits, replay: ReplayKey? = nil, worker: String
    ) async throws -> IntakeReceipt {
        let now = clock()
        return try await admissions.commit { db in
            if let replay, let known = try Self.response(to: replay, since: now + (.zero - limits.answersFor), db) {
                return IntakeReceipt(answer: known, isReplay: true)
            }
            let answers = try admission.items.enumerated().map { index, item in
                let place = AdmittedItem(index: index, item: item, admission: admission, worker: worker, now: now)
                return try Self.admit(place, limits, db)
            }
            try Self.count(answers, in: admission, at: now, db)
            let answer = SubmissionAnswer(
                batchID: admission.batchID, requestedBy: admission.requestedBy, items: answers)
            if let replay { try Self.keep(answer, for: replay, at: now, forgettingAfter: limits.answersFor, db) }
            return IntakeReceipt(answer: answer)
        }
    }

    private static func admit(
        _ place: AdmittedItem, _ limits: IntakeLimits, _ db: Database
    ) throws -> SubmissionAnswer.Item {
        let job = place.item.job
        if let held = try Reservation.fetch(job.dedupeKey, db) {
            switch held.status {
            case .inProgress: return place.answer(.alreadyEnqueued, held)
            case .completed where !place.item.force && held.answers(at: place.now, for: limits.processedFor):
                return place.answer(.alreadyProcessed, held)
            case .completed: break
            }
        }
        try Reservation.take(job.dedupeKey, for: job.jobID, at: place.now, db)
        try insert(try judged(place, db), db)
        return SubmissionAnswer.Item(
            index: place.index, jobID: job.jobID, status: .enqueued, state: .queued, dedupeKey: job.dedupeKey)
    }

    /// The item with what people decided about files for its track before.
    private static func judged(_ place: AdmittedItem, _ db: Database) throws -> AdmittedItem {
        guard let verdicts = try verdicts(on: DedupeKey.of(place.item.job.track), db) else { return place }
        var place = place
        place.item.job.verdicts = verdicts
        place.item.body = try ContractCoding.encode(place.item.job)
        return place
    }

    private static func insert(_ place: AdmittedItem, _ db: Database) throws {
        let event = JobEvent(
            .enqueued, of: place.item.job, at: .match, state: .queued, hop: 0, attempt: 1, worker: place.worker)
        try insertJob(place, db)
        _ = try insertTimeline(event, db)
        try db.cachedStatement(
            sql: """
                INSERT INTO outbox (message_id, job_id, batch_id, priority, body, traceparent)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            UUID().uuidString.lowercased(), place.item.job.jobID.text, place.admission.batchID,
            place.item.job.priority, place.item.body, place.admission.traceparent,
        ])
    }

    private static func insertJob(_ place: AdmittedItem, _ db: Database) throws {
        let job = place.item.job
        try db.cachedStatement(
            sql: """
                INSERT INTO jobs (
                    job_id, batch_id, kind, requested_by, dedupe_key, priority, artist, title, album, document,
                    state, stage, position, attempt, submitted_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            job.jobID.text, job.batchID, job.kind.rawValue, job.requestedBy, job.dedupeKey, job.priority,
            job.track.artist, job.track.title, job.track.album, place.item.body, JobState.queued.rawValue,
            Stage.match.rawValue, EventPosition.start.value, 1, place.now.milliseconds, place.now.milliseconds,
        ])
    }

    private static func count(
        _ answers: [SubmissionAnswer.Item], in admission: Admission, at now: Timestamp, _ db: Database
    ) throws {
        func count(_ status: SubmissionAnswer.Status) -> Int { answers.count { $0.status == status } }
        try addToBatch(
            admission.batchID, requestedBy: admission.requestedBy, items: answers.count,
            alreadyEnqueued: count(.alreadyEnqueued), alreadyProcessed: count(.alreadyProcessed), at: now, db)
    }
}

/// One item on its way into the database, with all that is known around it.
private struct AdmittedItem {
    let index: Int
    var item: Admission.Item
    let admission: Admission
    let worker: String
    let now: Timestamp

    /// The answer for an item whose key another job holds.
    func answer(_ status: SubmissionAnswer.Status, _ held: Reservation) -> SubmissionAnswer.Item {
        SubmissionAnswer.Item(
            index: index, jobID: held.jobID, status: status, state: held.state, dedupeKey: item.job.dedupeKey,
            path: held.path)
    }
}
