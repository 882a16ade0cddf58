import Contracts
import Databases
import Foundation
import GRDB

extension Database {
    /// Returns the last review of a job; `nil` when it never had one.
    func latestReview(of job: JobID) throws -> Review? {
        try readFirst(
            "SELECT * FROM reviews WHERE job_id = ? ORDER BY requeues DESC, hop DESC LIMIT 1", [job.text], Review.init)
    }

    /// Adds the rejected files of its track to a review.
    func reviewCase(_ review: Review) throws -> ReviewCase {
        ReviewCase(review: review, rejected: try rejectedFiles(of: review.target))
    }

    /// Whether a job has left the position at which a review was requested.
    func isLate(_ job: JobDocument, _ step: JobStep) throws -> Bool {
        if let state = try projectedState(of: job.jobID), state.isPast(Review.position(of: job, step)) { return true }
        return try Bool.fetchOne(
            cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM reviews WHERE job_id = ? AND (requeues, hop) > (?, ?))"),
            arguments: [job.jobID.text, step.generation, step.hop]) ?? false
    }

    /// Inserts a review.
    /// - Returns: Whether it is new.
    func insertReview(
        _ job: JobDocument, _ body: Data, _ step: JobStep, _ status: Review.Status, at now: Timestamp
    ) throws -> Bool {
        try cachedStatement(
            sql: """
                INSERT INTO reviews (
                    job_id, requeues, hop, restarts, traceparent, position, target, document, reason, status, asked_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job_id, requeues, hop) DO NOTHING
                """
        ).execute(arguments: [
            job.jobID.text, step.generation, step.hop, step.restarts, step.traceparent,
            Review.position(of: job, step).value, DedupeKey.of(job.track), body,
            job.match?.explanation ?? "the match is doubtful", status.rawValue, now.milliseconds,
        ])
        return changesCount > 0
    }

    /// Ends older reviews of the same job.
    func supersedeReviews(of job: JobID, before step: JobStep, at now: Timestamp) throws {
        try cachedStatement(
            sql: """
                UPDATE reviews SET status = ?, resolved_at = ?
                WHERE job_id = ? AND status = 'open' AND (requeues, hop) < (?, ?)
                """
        ).execute(arguments: [
            Review.Status.superseded.rawValue, now.milliseconds, job.text, step.generation, step.hop,
        ])
    }

    /// Ends the reviews of a job that continued without a decision.
    func supersedeReviews(of job: JobID, passedBy state: ProjectedState, at now: Timestamp) throws {
        guard state.state != .review else { return }
        try cachedStatement(
            sql: """
                UPDATE reviews SET status = ?, resolved_at = ?
                WHERE job_id = ? AND status = 'open' AND (position < ? OR ?)
                """
        ).execute(arguments: [
            Review.Status.superseded.rawValue, now.milliseconds, job.text, state.position.value,
            state.state.isProcessed,
        ])
    }

    /// Ends an open review with a response.
    func close(_ review: Review, with response: DecisionResponse, by client: String, at time: Timestamp) throws {
        try cachedStatement(
            sql: """
                UPDATE reviews SET status = ?, resolved_at = ?, resolved_by = ?, answer = ?
                WHERE number = ? AND status = 'open'
                """
        ).execute(arguments: [
            response.status.rawValue, time.milliseconds, client, try ContractCoding.encode(response), review.number,
        ])
    }
}
