public import Contracts
import Databases
import Foundation
import GRDB

// Decisions of people about doubtful matches.
extension JobStore {
    /// Applies a decision in one transaction: the review, the verdicts, the job's state, and the messages about it.
    ///
    /// The same decision again changes nothing and gets the same response. A decision after which the job continues or
    /// ends begins a new generation, so that copies of the job's earlier messages have no effect.
    /// - Parameter claim: Receives the position of the review and returns the next generation of the job, which it has
    ///   claimed. It may block. It runs after every check.
    /// - Throws: ``ReviewError``, `DatabaseError`, and what `claim` throws.
    public func decide(
        _ decision: ReviewDecision, on id: JobID, by client: String, worker: String,
        claim: @escaping @Sendable (JobStep) throws -> Int
    ) async throws -> DecisionResponse {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            guard let review = try db.latestReview(of: id) else { throw ReviewError.unknown }
            let files = try decision.files(in: review)
            if review.status != .open { return try Self.repeatedResponse(to: decision, files, review, db) }
            let application = DecisionRun(
                open: try db.reviewCase(review), client: client, worker: worker, now: now, db: db, claim: claim)
            switch decision {
            case .approve(let choice): return try application.approve(choice, files.first)
            case .reject: return try application.reject(files)
            case .search(let query): return try application.search(query)
            }
        }
    }

    /// Returns the response to the decision that ended the review, if this decision is the same.
    private static func repeatedResponse(
        to decision: ReviewDecision, _ files: [Candidate], _ review: Review, _ db: Database
    ) throws -> DecisionResponse {
        guard let response = review.response else {
            let state = try db.projectedState(of: review.job.jobID)?.state.rawValue ?? "unknown"
            throw ReviewError.conflict("the job continued without a decision; its state is \(state)")
        }
        let keys = Set(files.map(\.key))
        let isSame =
            switch decision {
            case .approve: keys.isSubset(of: response.keys)
            case .reject: keys.isSubset(of: try db.rejectedFiles(of: review.target))
            case .search(let query): query == response.query
            }
        guard isSame, decision.verb == response.decision else {
            throw ReviewError.conflict(response.explanation(of: review))
        }
        return response
    }
}

extension ReviewDecision {
    /// Returns the files that the decision names, each once.
    fileprivate func files(in review: Review) throws(ReviewError) -> [Candidate] {
        var files: [Candidate] = []
        for choice in choices {
            let file = try choice.file(in: review)
            if !files.contains(where: { $0.key == file.key }) { files.append(file) }
        }
        return files
    }
}

extension DecisionResponse {
    fileprivate func explanation(of review: Review) -> String {
        let what =
            switch decision {
            case .approve: "the file \(keys.first?.rawValue ?? "") was approved"
            case .reject: "every candidate was rejected and the job was cancelled"
            case .search: "another search was requested, with the words '\(query ?? "")'"
            }
        return "decided already: \(what)" + (review.resolvedAt.map { " at \($0)" } ?? "")
    }
}
