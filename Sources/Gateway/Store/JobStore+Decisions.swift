import Contracts
import Databases
import Foundation
import GRDB
import ServiceKit

/// Who decides, where and when.
struct Decider: Sendable {
    /// The client, as the API names it.
    var by: String
    /// The process.
    var worker: String
    var at: Timestamp
}

// Decisions of people about doubtful matches.
extension JobStore {
    /// Takes a decision, in one transaction: the review, the verdicts, the job's standing, and what has to be published
    /// because of it. The same decision again changes nothing and has the same answer.
    /// - Throws: ``ReviewError``, `DatabaseError`.
    func decide(
        _ decision: ReviewDecision, on id: JobID, by client: String, worker: String
    ) async throws -> DecisionResponse {
        let decider = Decider(by: client, worker: worker, at: clock())
        return try await writer.write(.onDisk) { db in
            guard let review = try Review.latest(of: id, db) else { throw ReviewError.unknown }
            let files = try decision.files(in: review)
            if review.status != .open { return try Self.answerAgain(decision, files, review, db) }
            let open = try Self.reviewCase(review, db)
            switch decision {
            case .approve(let choice): return try Self.approve(choice, files.first, open, decider, db)
            case .reject: return try Self.reject(files, open, decider, db)
            case .search(let query): return try Self.search(query, open, decider, db)
            }
        }
    }

    private static func answerAgain(
        _ decision: ReviewDecision, _ files: [Candidate], _ review: Review, _ db: Database
    ) throws -> DecisionResponse {
        guard let answer = review.answer else {
            let state = try standing(of: review.job.jobID, db)?.state.rawValue ?? "unknown"
            throw ReviewError.conflict("the job went on without a decision; its state is \(state)")
        }
        let keys = Set(files.map(\.key))
        let rejected = try rejected(for: review.target, db)
        let isSame =
            switch decision {
            case .approve: keys.isSubset(of: answer.keys)
            case .reject: keys.isSubset(of: rejected)
            case .search(let query): query == answer.query
            }
        guard isSame, decision.verb == answer.decision else { throw ReviewError.conflict(answer.inWords(review)) }
        return answer
    }
}

extension ReviewDecision {
    /// The files that the decision names, each once.
    fileprivate func files(in review: Review) throws(ReviewError) -> [Candidate] {
        var files: [Candidate] = []
        for choice in choices {
            let file = try choice.file(in: review)
            if !files.contains(where: { $0.key == file.key }) { files.append(file) }
        }
        return files
    }

    private var choices: [FileChoice] {
        switch self {
        case .approve(let choice): [choice].compactMap(\.self)
        case .reject(let choices): choices ?? []
        case .search: []
        }
    }
}

extension DecisionResponse {
    fileprivate func inWords(_ review: Review) -> String {
        let what =
            switch decision {
            case .approve: "the file \(keys.first?.rawValue ?? "") was approved"
            case .reject: "every candidate was rejected and the job was cancelled"
            case .search: "another search was asked for, with the words '\(query ?? "")'"
            }
        return "decided already: \(what)" + (review.resolvedAt.map { " at \($0)" } ?? "")
    }
}

// MARK: - The decisions

extension JobStore {
    private static func approve(
        _ choice: FileChoice?, _ named: Candidate?, _ open: ReviewCase, _ decider: Decider, _ db: Database
    ) throws -> DecisionResponse {
        let file = try named ?? open.only
        // A place in a list that was read before is easily wrong; the file's key says what is meant.
        if case .index? = choice?.name, open.rejected.contains(file.key) {
            throw ReviewError.conflict("this file was rejected for the track; approve it by its key if it is right")
        }
        try remember(.approved, [file], open.review, decider, db)
        var job = try judged(open.review, db)
        job.match?.candidates = [file]
        let envelope = open.review.envelope
        var event = open.review.event(.completed, .downloading, decider)
        event.message = "a person approved the file"
        event.data = ["candidate": .string(file.key.rawValue), "decided_by": .string(decider.by)]
        try post(
            job, about: job, .job(job, to: .download, envelope.next()), traceparent: envelope.traceparent, db)
        let answer = DecisionResponse(
            jobID: job.jobID, decision: .approve, status: .approved, state: .downloading, keys: [file.key], remaining: 0
        )
        return try end(open.review, event, answer, decider, db)
    }

    private static func reject(
        _ named: [Candidate], _ open: ReviewCase, _ decider: Decider, _ db: Database
    ) throws -> DecisionResponse {
        let files = named.isEmpty ? open.remaining.map(\.candidate) : named
        try remember(.rejected, files, open.review, decider, db)
        let remaining = open.review.remaining(without: open.rejected.union(files.map(\.key))).count
        var answer = DecisionResponse(
            jobID: open.review.job.jobID, decision: .reject, status: .open, state: .review,
            keys: files.map(\.key).unique, remaining: remaining)
        guard remaining == 0 else { return answer }
        (answer.status, answer.state) = (.rejected, .cancelled)
        var event = open.review.event(.cancelled, .cancelled, decider)
        event.message = "a person rejected every candidate; ask again to search anew without them"
        event.data = ["decided_by": .string(decider.by)]
        return try end(open.review, event, answer, decider, db)
    }

    private static func search(
        _ query: String, _ open: ReviewCase, _ decider: Decider, _ db: Database
    ) throws -> DecisionResponse {
        var job = try judged(open.review, db)
        job.match = nil
        job.verdicts?.query = query
        // A new life: what is still heard of the old one changes nothing.
        var envelope = open.review.envelope
        envelope.startOver()
        var event = JobEvent(
            .requeued, of: job, at: .match, state: .queued, hop: envelope.hop, requeues: envelope.requeues, attempt: 1,
            worker: decider.worker)
        event.at = decider.at
        event.message = "a person asked for another search"
        event.data = ["query": .string(query), "decided_by": .string(decider.by)]
        envelope.hop += 1
        try post(job, about: job, .job(job, to: .match, envelope), traceparent: envelope.traceparent, db)
        let answer = DecisionResponse(
            jobID: job.jobID, decision: .search, status: .searching, state: .queued, keys: [], query: query,
            remaining: 0)
        return try end(open.review, event, answer, decider, db)
    }
}

// MARK: - Parts of them

extension JobStore {
    private static func remember(
        _ verdict: Verdict, _ files: [Candidate], _ review: Review, _ decider: Decider, _ db: Database
    ) throws {
        for file in files {
            try remember(
                NewVerdict(
                    verdict: verdict, file: file, target: review.target, jobID: review.job.jobID, by: decider.by,
                    at: decider.at), db)
        }
    }

    /// The job with all that people decided about its track so far.
    private static func judged(_ review: Review, _ db: Database) throws -> JobDocument {
        var job = review.job
        job.verdicts = (try verdicts(on: review.target, db) ?? Verdicts()).adding(job.verdicts)
        return job
    }

    /// Ends a review, tells everybody, and shows the job as the event says.
    private static func end(
        _ review: Review, _ event: JobEvent, _ answer: DecisionResponse, _ decider: Decider, _ db: Database
    ) throws -> DecisionResponse {
        try db.cachedStatement(
            sql: """
                UPDATE reviews SET status = ?, resolved_at = ?, resolved_by = ?, answer = ?
                WHERE number = ? AND status = 'open'
                """
        ).execute(arguments: [
            answer.status.rawValue, decider.at.milliseconds, decider.by, try ContractCoding.encode(answer),
            review.number,
        ])
        try post(event, about: review.job, .event(event), traceparent: review.envelope.traceparent, db)
        _ = try apply(event, at: decider.at, db)
        return answer
    }
}

extension Review {
    /// What is told of a decision. The message that asked was one hop ahead of the event that told of it, so that this
    /// one outranks it.
    fileprivate func event(_ name: JobEvent.Name, _ state: JobState, _ decider: Decider) -> JobEvent {
        var event = JobEvent(
            name, of: job, at: .match, state: state, hop: envelope.hop, requeues: envelope.requeues, attempt: 1,
            worker: decider.worker)
        event.at = decider.at
        return event
    }
}

extension ReviewCase {
    /// The one candidate that is left.
    fileprivate var only: Candidate {
        get throws(ReviewError) {
            guard remaining.count == 1 else {
                let problem =
                    remaining.isEmpty
                    ? "there is no candidate; name a file by its key"
                    : "there are \(remaining.count) candidates; name one by its place or by its key"
                throw .invalid(ContractViolation(path: "/candidate", problem: "is missing: \(problem)"))
            }
            return remaining[0].candidate
        }
    }
}

extension [CandidateKey] {
    /// Each once, in order.
    fileprivate var unique: [CandidateKey] {
        reduce(into: []) { keys, key in if !keys.contains(key) { keys.append(key) } }
    }
}
