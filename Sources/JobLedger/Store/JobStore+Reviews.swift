public import Contracts
import Databases
public import Foundation
import GRDB

// Doubtful matches.
extension JobStore {
    /// Records a doubtful match. The same message again changes nothing.
    /// - Parameter body: the bytes of the document, with which the job continues.
    public func openReview(of job: JobDocument, body: Data? = nil, at step: JobStep) async throws -> ReviewArrival {
        let now = clock()
        let body = try body ?? ContractCoding.encode(job)
        return try await writer.write(.onDisk) { db in
            let isLate = try db.isLate(job, step)
            guard try db.insertReview(job, body, step, isLate ? .superseded : .open, at: now) else { return .repeated }
            if !isLate { try db.supersedeReviews(of: job.jobID, before: step, at: now) }
            try Self.recordDecision(of: job, step, at: now, db)
            return isLate ? .late : .open
        }
    }

    /// The event that announced the review may be late, or too old to contain the decision.
    private static func recordDecision(
        of job: JobDocument, _ step: JobStep, at now: Timestamp, _ db: Database
    ) throws {
        guard var match = job.match else { return }
        match.outcome = match.outcome ?? .review
        try db.record(try JSONValue(encoding: match), of: job.jobID, Review.position(of: job, step), at: now)
    }

    /// Returns how many reviews wait for a person.
    public func openReviews() async throws -> Int {
        try await writer.read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM reviews WHERE status = ?", arguments: [Review.Status.open.rawValue]) ?? 0
        }
    }

    /// Returns a page of reviews, oldest first, and how many the filter selects.
    public func reviews(_ filter: ReviewFilter) async throws -> (cases: [ReviewCase], total: Int) {
        try await writer.read { db in
            let marks = filter.statuses.map { _ in "?" }.joined(separator: ", ")
            let condition = filter.statuses.isEmpty ? "" : "WHERE status IN (\(marks))"
            let arguments = StatementArguments(filter.statuses.map(\.rawValue))
            let total = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM reviews \(condition)", arguments: arguments)
            let reviews = try db.readAll(
                "SELECT * FROM reviews \(condition) ORDER BY asked_at, number LIMIT ? OFFSET ?",
                arguments + [filter.limit, filter.offset], Review.init)
            return (try reviews.map(db.reviewCase), total ?? 0)
        }
    }

    /// Returns the last review of a job; `nil` when it never had one.
    public func review(_ id: JobID) async throws -> ReviewCase? {
        try await writer.read { db in try db.latestReview(of: id).map(db.reviewCase) }
    }
}
