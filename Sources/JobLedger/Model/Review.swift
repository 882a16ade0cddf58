public import Contracts
import Databases
import Foundation
import GRDB

/// A doubtful match that a person decides about.
public struct Review: Sendable {
    /// The raw values are a public contract.
    public enum Status: String, Codable, Sendable, CaseIterable {
        case open, approved, rejected, searching
        /// The job continued without a decision, or a newer review replaced this one.
        case superseded
    }

    var number: Int64
    var body: JobBody
    public var job: JobDocument { body.document }
    /// The position of the message that requested the review.
    public var step: JobStep
    public var status: Status
    /// Why the match is doubtful.
    public var reason: String
    public var askedAt: Timestamp
    public var resolvedAt: Timestamp?
    public var resolvedBy: String?
    /// The response to the decision that ended the review.
    public var response: DecisionResponse?

    /// The decision of the match stage.
    public var match: MatchSection { job.match ?? MatchSection(score: 0, components: [:], candidates: []) }

    /// The key under which verdicts on the job's track are stored.
    var target: String { DedupeKey.of(job.track) }

    /// Returns the candidates that were not rejected, with their indices among all. An index never changes.
    public func remaining(without rejected: Set<CandidateKey>) -> [(index: Int, candidate: Candidate)] {
        match.candidates.enumerated().filter { !rejected.contains($0.element.key) }
            .map { (index: $0.offset, candidate: $0.element) }
    }

    /// All files that a decision may name by key.
    var files: [Candidate] { match.candidates + (match.refused ?? []) + [match.runnerUp?.candidate].compactMap(\.self) }

    /// Returns the position of the event that announced a review. The message was published one hop later.
    static func position(of job: JobDocument, _ step: JobStep) -> EventPosition {
        EventPosition(
            JobEvent(
                .review, of: job, at: .match, state: .review, hop: max(0, step.hop - 1), requeues: step.generation,
                attempt: 1, worker: ""))
    }

    init(_ row: Row) throws {
        number = try row.value("number")
        body = try row.decoded("document") { try JobBody($0) }
        step = JobStep(
            hop: try row.value("hop"), generation: try row.value("requeues"), restarts: try row.value("restarts"),
            traceparent: try row.optionalValue("traceparent"))
        status = try row.optionalValue("status").flatMap { Status(rawValue: $0) } ?? .superseded
        reason = try row.value("reason")
        askedAt = try row.time("asked_at")
        resolvedAt = try row.optionalTime("resolved_at")
        resolvedBy = try row.optionalValue("resolved_by")
        response = try row.optionallyDecoded("answer") {
            try ContractCoding.decode(DecisionResponse.self, from: $0)
        }
    }
}

/// A review with the files that were rejected for its track.
public struct ReviewCase: Sendable {
    public var review: Review
    /// The rejected files of the track, in this review or in another.
    public var rejected: Set<CandidateKey>

    public var remaining: [(index: Int, candidate: Candidate)] { review.remaining(without: rejected) }
}

/// Selects reviews for a list.
public struct ReviewFilter: Sendable, Equatable {
    /// Empty: all.
    public var statuses: [Review.Status] = [.open]
    public var limit = 20
    public var offset = 0

    /// Creates a filter that selects the oldest 20 open reviews.
    public init(statuses: [Review.Status] = [.open], limit: Int = 20, offset: Int = 0) {
        self.statuses = statuses
        self.limit = limit
        self.offset = offset
    }
}

/// The outcome of a message that requests a review.
public enum ReviewArrival: Sendable {
    case open
    /// The review is known, decided or not.
    case repeated
    /// The job has continued.
    case late
}
