import Contracts
import Foundation
import GRDB
import ServiceKit

/// A doubtful match that a person decides about.
struct Review: Sendable {
    enum Status: String, Codable, Sendable, CaseIterable {
        case open, approved, rejected, searching
        /// The job went on without a decision, or was asked about anew.
        case superseded
    }

    var number: Int64
    var job: JobDocument
    /// Of the message that asked.
    var envelope: JobEnvelope
    var status: Status
    /// Why the match is doubtful.
    var reason: String
    var askedAt: Timestamp
    var resolvedAt: Timestamp?
    var resolvedBy: String?
    /// What was answered to the decision that ended it.
    var answer: DecisionResponse?

    /// The match stage's decision.
    var match: MatchSection { job.match ?? MatchSection(score: 0, components: [:], candidates: []) }

    /// By which verdicts on the job's track are remembered.
    var target: String { DedupeKey.of(job.track) }

    /// The job's standing when the match stage asked.
    var position: EventPosition { Self.position(of: job, envelope) }

    /// The candidates that nobody rejected, with their places among all: a place never changes.
    func remaining(without rejected: Set<CandidateKey>) -> [(index: Int, candidate: Candidate)] {
        match.candidates.enumerated().filter { !rejected.contains($0.element.key) }
            .map { (index: $0.offset, candidate: $0.element) }
    }

    /// All files that a decision may name by key.
    var files: [Candidate] { match.candidates + (match.refused ?? []) + [match.runnerUp?.candidate].compactMap(\.self) }

    /// Where the event stands that told of a review: the message was published one hop later.
    static func position(of job: JobDocument, _ envelope: JobEnvelope) -> EventPosition {
        EventPosition(
            JobEvent(
                .review, of: job, at: .match, state: .review, hop: max(0, envelope.hop - 1),
                requeues: envelope.requeues, attempt: 1, worker: ""))
    }
}

// MARK: - In the database

extension Review {
    /// The last review of a job; `nil` when it never was doubtful.
    static func latest(of job: JobID, _ db: Database) throws -> Review? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT * FROM reviews WHERE job_id = ? ORDER BY requeues DESC, hop DESC LIMIT 1"),
            arguments: [job.text]
        ).map { try Review($0) }
    }

    init(_ row: Row) throws {
        number = row["number"]
        job = try ContractCoding.decode(JobDocument.self, from: row["document"])
        envelope = JobEnvelope()
        envelope.hop = row["hop"]
        envelope.requeues = row["requeues"]
        envelope.restarts = row["restarts"]
        envelope.traceparent = row["traceparent"]
        status = Status(rawValue: row["status"]) ?? .superseded
        reason = row["reason"]
        askedAt = Timestamp(milliseconds: row["asked_at"])
        resolvedAt = (row["resolved_at"] as Int64?).map { Timestamp(milliseconds: $0) }
        resolvedBy = row["resolved_by"]
        answer = try (row["answer"] as Data?).map { try ContractCoding.decode(DecisionResponse.self, from: $0) }
    }
}
