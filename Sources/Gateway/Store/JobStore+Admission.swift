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
            let frame = AdmissionFrame(admission, worker: worker, at: now)
            let answers = try Self.admit(admission.items, as: frame, limits, db)
            let expansions = try admission.expansions.map { try Self.insert($0, at: now, db) }
            let answer = SubmissionResponse(
                batchID: admission.batchID, requestedBy: admission.requestedBy, items: answers,
                expansions: expansions)
            if let replay { try Self.keep(answer, for: replay, at: now, forgettingAfter: limits.answersFor, db) }
            return IntakeReceipt(answer: answer)
        }
    }

    /// Takes items into their batch; the only code by which a job begins, whoever wants it.
    static func admit(
        _ items: [Admission.Item], as frame: AdmissionFrame, _ limits: IntakeLimits, _ db: Database
    ) throws -> [SubmissionResponse.Item] {
        let answers = try items.map { try admit(AdmittedItem(item: $0, frame: frame), limits, db) }
        try count(answers, in: frame, db)
        return answers
    }

    private static func admit(
        _ place: AdmittedItem, _ limits: IntakeLimits, _ db: Database
    ) throws -> SubmissionResponse.Item {
        let job = place.item.job
        if let held = try Reservation.fetch(job.dedupeKey, db) {
            switch held.status {
            case .inProgress: return place.answer(.alreadyEnqueued, held)
            case .completed where !place.item.force && held.answers(at: place.frame.now, for: limits.processedFor):
                return place.answer(.alreadyProcessed, held)
            case .completed: break
            }
        }
        try Reservation.take(job.dedupeKey, for: job.jobID, at: place.frame.now, db)
        try insert(try judged(place, db), db)
        return SubmissionResponse.Item(
            index: place.item.index, jobID: job.jobID, status: .enqueued, state: .queued, dedupeKey: job.dedupeKey)
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
            .enqueued, of: place.item.job, at: .match, state: .queued, hop: 0, attempt: 1, worker: place.frame.worker)
        try insertJob(place, db)
        _ = try insertTimeline(event, db)
        try db.cachedStatement(
            sql: """
                INSERT INTO outbox (message_id, job_id, batch_id, priority, body, traceparent)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            UUID().uuidString.lowercased(), place.item.job.jobID.text, place.frame.batchID,
            place.item.job.priority, place.item.body, place.frame.traceparent,
        ])
    }

    private static func insertJob(_ place: AdmittedItem, _ db: Database) throws {
        let job = place.item.job
        try db.cachedStatement(
            sql: """
                INSERT INTO jobs (
                    job_id, batch_id, kind, requested_by, dedupe_key, priority, artist, title, album, document,
                    state, stage, position, attempt, submitted_at, updated_at, standing)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            job.jobID.text, job.batchID, job.kind.rawValue, job.requestedBy, job.dedupeKey, job.priority,
            job.track.artist, job.track.title, job.track.album, place.item.body, JobState.queued.rawValue,
            Stage.match.rawValue, EventPosition.start.value, 1, place.frame.now.milliseconds,
            place.frame.now.milliseconds,
            job.standing ?? false,
        ])
    }

    private static func count(
        _ answers: [SubmissionResponse.Item], in frame: AdmissionFrame, _ db: Database
    ) throws {
        func count(_ status: SubmissionResponse.Status) -> Int { answers.count { $0.status == status } }
        try addToBatch(
            frame.batchID, requestedBy: frame.requestedBy, items: answers.count,
            alreadyEnqueued: count(.alreadyEnqueued), alreadyProcessed: count(.alreadyProcessed), at: frame.now, db)
    }
}

/// What items that are taken in together share.
struct AdmissionFrame: Sendable {
    var batchID: String
    var requestedBy: String?
    /// W3C Trace Context of the submission.
    var traceparent: String?
    /// The process, as the timeline names it.
    var worker: String
    var now: Timestamp
}

extension AdmissionFrame {
    init(_ admission: Admission, worker: String, at now: Timestamp) {
        self.init(
            batchID: admission.batchID, requestedBy: admission.requestedBy, traceparent: admission.traceparent,
            worker: worker, now: now)
    }
}

/// One item on its way into the database, with all that is known around it.
private struct AdmittedItem {
    var item: Admission.Item
    let frame: AdmissionFrame

    /// The answer for an item whose key another job holds.
    func answer(_ status: SubmissionResponse.Status, _ held: Reservation) -> SubmissionResponse.Item {
        SubmissionResponse.Item(
            index: item.index, jobID: held.jobID, status: status, state: held.state, dedupeKey: item.job.dedupeKey,
            path: held.path)
    }
}
