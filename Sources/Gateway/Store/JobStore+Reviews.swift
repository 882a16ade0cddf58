import Contracts
import Databases
import Foundation
import GRDB
import ServiceKit

/// Which reviews to list.
struct ReviewFilter: Sendable, Equatable {
    /// Empty: all.
    var statuses: [Review.Status] = [.open]
    var limit = 20
    var offset = 0
}

/// A review with the candidates that nobody rejected so far.
struct ReviewCase: Sendable {
    var review: Review
    /// What people rejected for the track, in this review or another.
    var rejected: Set<CandidateKey>

    var remaining: [(index: Int, candidate: Candidate)] { review.remaining(without: rejected) }
}

/// What became of a message that asks for a decision.
enum ReviewArrival: Sendable {
    case open
    /// It was known, decided or not.
    case repeated
    /// The job has gone on.
    case late
}

// Doubtful matches.
extension JobStore {
    /// Keeps a doubtful match. The same one again changes nothing, whatever became of the first.
    func ask(_ job: JobDocument, _ envelope: JobEnvelope) async throws -> ReviewArrival {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            let isLate = try Self.isLate(job.jobID, envelope, Review.position(of: job, envelope), db)
            guard try Self.insert(job, envelope, isLate ? .superseded : .open, at: now, db) else { return .repeated }
            if !isLate { try Self.supersede(before: envelope, of: job.jobID, at: now, db) }
            try Self.keepDecision(of: job, envelope, at: now, db)
            return isLate ? .late : .open
        }
    }

    /// How many reviews wait for a person.
    func openReviews() async throws -> Int {
        try await writer.read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM reviews WHERE status = ?", arguments: [Review.Status.open.rawValue]) ?? 0
        }
    }

    /// A page of reviews, oldest first, and how many fit the filter.
    func reviews(_ filter: ReviewFilter) async throws -> (cases: [ReviewCase], total: Int) {
        try await writer.read { db in
            let marks = filter.statuses.map { _ in "?" }.joined(separator: ", ")
            let condition = filter.statuses.isEmpty ? "" : "WHERE status IN (\(marks))"
            let arguments = StatementArguments(filter.statuses.map(\.rawValue))
            let total = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM reviews \(condition)", arguments: arguments)
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM reviews \(condition) ORDER BY asked_at, number LIMIT ? OFFSET ?",
                arguments: arguments + [filter.limit, filter.offset])
            return (try rows.map { try Self.reviewCase(Review($0), db) }, total ?? 0)
        }
    }

    /// The last review of a job; `nil` when there is none.
    func review(_ id: JobID) async throws -> ReviewCase? {
        try await writer.read { db in try Review.latest(of: id, db).map { try Self.reviewCase($0, db) } }
    }

    static func reviewCase(_ review: Review, _ db: Database) throws -> ReviewCase {
        ReviewCase(review: review, rejected: try rejected(for: review.target, db))
    }
}

// MARK: - Arrival

extension JobStore {
    /// Whether a job has left the place where a question was asked.
    private static func isLate(
        _ job: JobID, _ envelope: JobEnvelope, _ position: EventPosition, _ db: Database
    ) throws -> Bool {
        if let standing = try standing(of: job, db), standing.isPast(position) { return true }
        return try Bool.fetchOne(
            db.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM reviews WHERE job_id = ? AND (requeues, hop) > (?, ?))"),
            arguments: [job.text, envelope.requeues, envelope.hop]) ?? false
    }

    /// - Returns: whether the question is new.
    private static func insert(
        _ job: JobDocument, _ envelope: JobEnvelope, _ status: Review.Status, at now: Timestamp, _ db: Database
    ) throws -> Bool {
        try db.cachedStatement(
            sql: """
                INSERT INTO reviews (
                    job_id, requeues, hop, restarts, traceparent, position, target, document, reason, status, asked_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (job_id, requeues, hop) DO NOTHING
                """
        ).execute(arguments: [
            job.jobID.text, envelope.requeues, envelope.hop, envelope.restarts, envelope.traceparent,
            Review.position(of: job, envelope).value, DedupeKey.of(job.track), try ContractCoding.encode(job),
            job.match?.explanation ?? "the match is doubtful", status.rawValue, now.milliseconds,
        ])
        return db.changesCount > 0
    }

    /// Ends older questions about the same job.
    private static func supersede(
        before envelope: JobEnvelope, of job: JobID, at now: Timestamp, _ db: Database
    ) throws {
        try db.cachedStatement(
            sql: """
                UPDATE reviews SET status = ?, resolved_at = ?
                WHERE job_id = ? AND status = 'open' AND (requeues, hop) < (?, ?)
                """
        ).execute(arguments: [
            Review.Status.superseded.rawValue, now.milliseconds, job.text, envelope.requeues, envelope.hop,
        ])
    }

    /// Ends questions that an event leaves behind: the job went on without a decision.
    static func supersede(
        leftBehindBy standing: ProjectedState, of job: JobID, at now: Timestamp, _ db: Database
    ) throws {
        guard standing.state != .review else { return }
        try db.cachedStatement(
            sql: """
                UPDATE reviews SET status = ?, resolved_at = ?
                WHERE job_id = ? AND status = 'open' AND (position < ? OR ?)
                """
        ).execute(arguments: [
            Review.Status.superseded.rawValue, now.milliseconds, job.text, standing.position.value,
            standing.state.isProcessed,
        ])
    }

    /// The event that tells of the review may not have been heard yet, or may be too old to hold the decision.
    private static func keepDecision(
        of job: JobDocument, _ envelope: JobEnvelope, at now: Timestamp, _ db: Database
    ) throws {
        guard var match = job.match else { return }
        match.outcome = match.outcome ?? .review
        let json = try ContractCoding.decode(JSONValue.self, from: try ContractCoding.encode(match))
        try keep(json, of: job.jobID, Review.position(of: job, envelope), at: now, db)
    }
}

extension ProjectedState {
    /// Whether a job has left a place on its way.
    func isPast(_ place: EventPosition) -> Bool { state.isProcessed || position > place }
}
