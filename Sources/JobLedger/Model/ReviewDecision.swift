public import Contracts

/// The decision of a person about a doubtful match.
public enum ReviewDecision: Sendable, Equatable {
    /// This file is the wanted recording; `nil` means the only candidate.
    case approve(FileChoice?)
    /// These files are not the wanted recording; `nil` means all candidates.
    case reject([FileChoice]?)
    /// Search again with these words.
    case search(String)

    public enum Verb: String, Codable, Sendable { case approve, reject, search }

    public var verb: Verb {
        switch self {
        case .approve: .approve
        case .reject: .reject
        case .search: .search
        }
    }

    /// The files that the decision names.
    var choices: [FileChoice] {
        switch self {
        case .approve(let choice): [choice].compactMap(\.self)
        case .reject(let choices): choices ?? []
        case .search: []
        }
    }
}

/// A file of a review, named by a person.
public struct FileChoice: Sendable, Equatable {
    public enum Name: Sendable, Equatable {
        /// The index among the candidates, from 0.
        case index(Int)
        case key(CandidateKey)
    }

    public var name: Name
    /// The place in the request (RFC 6901), for error messages.
    public var path: String

    public init(name: Name, path: String) {
        self.name = name
        self.path = path
    }

    /// Returns the file of a review.
    /// - Throws: ``ReviewError`` `.invalid` when the review has no such file.
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

/// Why a decision was refused. Nothing was changed.
public enum ReviewError: Error, Sendable, Equatable {
    /// The job has no review.
    case unknown
    case invalid(ContractViolation)
    /// Another decision was made before, or the job continued. The text explains it to a person.
    case conflict(String)
}

/// The result of a decision.
public struct DecisionResponse: Codable, Sendable, Equatable {
    public var jobID: JobID
    public var decision: ReviewDecision.Verb
    /// The status of the review after the decision.
    public var status: Review.Status
    /// The state of the job after the decision.
    public var state: JobState
    /// The files that the decision names.
    public var keys: [CandidateKey]
    /// The words of the next search.
    public var query: String?
    /// Candidates without a verdict.
    public var remaining: Int

    enum CodingKeys: String, CodingKey {
        case decision, status, state, keys, query, remaining
        case jobID = "job_id"
    }
}
