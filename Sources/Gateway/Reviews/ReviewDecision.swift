import Contracts
import Foundation

/// What a person decides about a doubtful match.
enum ReviewDecision: Sendable, Equatable {
    /// This file is the wanted recording; `nil` means the only candidate.
    case approve(FileChoice?)
    /// These files are not; `nil` means all candidates.
    case reject([FileChoice]?)
    /// Search again with these words.
    case search(String)

    enum Verb: String, Codable, Sendable { case approve, reject, search }

    var verb: Verb {
        switch self {
        case .approve: .approve
        case .reject: .reject
        case .search: .search
        }
    }
}

/// A file of a review, as a person names it.
struct FileChoice: Sendable, Equatable {
    enum Name: Sendable, Equatable {
        /// Its place among the candidates, from 0.
        case index(Int)
        case key(CandidateKey)
    }

    var name: Name
    /// Where the request names it, for complaints (RFC 6901).
    var path: String

    /// The file in a review.
    /// - Throws: ``ReviewError`` `.invalid` when there is none of that name.
    func file(in review: Review) throws(ReviewError) -> Candidate {
        switch name {
        case .index(let index):
            let candidates = review.match.candidates
            guard candidates.indices.contains(index) else {
                let problem =
                    candidates.isEmpty
                    ? "names a candidate, and there is none; name a file by its key"
                    : "must lie between 0 and \(candidates.count - 1)"
                throw .invalid(ContractViolation(path: path, problem: problem))
            }
            return candidates[index]
        case .key(let key):
            guard let file = review.files.first(where: { $0.key == key }) else {
                throw .invalid(ContractViolation(path: path, problem: "is the key of no file of this review"))
            }
            return file
        }
    }
}

/// Why a decision was not taken. Nothing was changed.
enum ReviewError: Error, Sendable, Equatable {
    /// The job has no review.
    case unknown
    case invalid(ContractViolation)
    /// Something else was decided before, or the job went on; in words.
    case conflict(String)
}

/// What became of a decision.
struct DecisionResponse: Codable, Sendable, Equatable {
    var jobID: JobID
    var decision: ReviewDecision.Verb
    /// The review's, afterwards.
    var status: Review.Status
    /// The job's, afterwards.
    var state: JobState
    /// The files that the decision was about.
    var keys: [CandidateKey]
    /// Words to search with.
    var query: String?
    /// Candidates that still wait for a decision.
    var remaining: Int

    enum CodingKeys: String, CodingKey {
        case decision, status, state, keys, query, remaining
        case jobID = "job_id"
    }
}
