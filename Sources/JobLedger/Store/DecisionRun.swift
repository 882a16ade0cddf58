import Contracts
import Databases
import Foundation
import GRDB

/// Applies one decision to an open review, inside a transaction.
struct DecisionRun {
    let open: ReviewCase
    /// The client, as the API names it.
    let client: String
    /// The process.
    let worker: String
    let now: Timestamp
    let db: Database
    /// Claims the next generation of the job.
    let claim: (JobStep) throws -> Int

    private var review: Review { open.review }

    func approve(_ choice: FileChoice?, _ named: Candidate?) throws -> DecisionResponse {
        let file = try named ?? onlyCandidate
        // An index of an old list may mean another file. The key of a file is unambiguous.
        if case .index? = choice?.name, open.rejected.contains(file.key) {
            throw ReviewError.conflict("this file was rejected for the track; approve it by its key if it is right")
        }
        let step = try nextStep()
        try record(.approved, [file])
        var job = try jobWithVerdicts()
        job.match?.candidates = [file]
        var event = event(.completed, .downloading, step)
        // The stage's own work ended with its event review. The rest of it is this decision.
        event.began = now
        event.message = "a person approved the file"
        event.data?["candidate"] = .string(file.key.rawValue)
        event.data?["decided_by"] = .string(client)
        let changed = try review.body.replacement(by: job, sections: [.match, .verdicts])
        event.sections[.match] = changed.changed[.match] ?? review.body.bytes(of: .match)
        event.sections[.metadata] = review.body.bytes(of: .metadata)
        try enqueue(changed.bytes, job, to: .download, step)
        let response = DecisionResponse(
            jobID: job.jobID, decision: .approve, status: .approved, state: .downloading, keys: [file.key], remaining: 0
        )
        return try close(event, response)
    }

    func reject(_ named: [Candidate]) throws -> DecisionResponse {
        let files = named.isEmpty ? open.remaining.map(\.candidate) : named
        try record(.rejected, files)
        let remaining = review.remaining(without: open.rejected.union(files.map(\.key))).count
        var response = DecisionResponse(
            jobID: review.job.jobID, decision: .reject, status: .open, state: .review,
            keys: files.map(\.key).unique, remaining: remaining)
        guard remaining == 0 else { return response }
        (response.status, response.state) = (.rejected, .cancelled)
        var event = event(.cancelled, .cancelled, try nextStep())
        event.message = "a person rejected every candidate; submit the track again to search without them"
        event.data = ["decided_by": .string(client)]
        return try close(event, response)
    }

    func search(_ query: String) throws -> DecisionResponse {
        let step = try nextStep()
        var job = try jobWithVerdicts()
        job.match = nil
        job.verdicts?.query = query
        var event = event(.requeued, .queued, step)
        event.message = "a person asked for another search"
        event.data = ["query": .string(query), "decided_by": .string(client)]
        let body = try review.body.bytes(replacedBy: job, sections: [.match, .verdicts])
        try enqueue(body, job, to: .match, step)
        let response = DecisionResponse(
            jobID: job.jobID, decision: .search, status: .searching, state: .queued, keys: [], query: query,
            remaining: 0)
        return try close(event, response)
    }
}

// MARK: - Steps

extension DecisionRun {
    private func record(_ verdict: Verdict, _ files: [Candidate]) throws {
        for file in files {
            try db.record(
                NewVerdict(
                    verdict: verdict, file: file, target: review.target, jobID: review.job.jobID, by: client, at: now))
        }
    }

    /// The job with all verdicts on its track.
    private func jobWithVerdicts() throws -> JobDocument {
        var job = review.job
        job.verdicts = (try db.verdicts(on: review.target) ?? Verdicts()).adding(job.verdicts)
        return job
    }

    /// Ends the review, publishes the event and applies it to the job.
    private func close(_ event: JobEvent, _ response: DecisionResponse) throws -> DecisionResponse {
        try db.close(review, with: response, by: client, at: now)
        try db.enqueue(event, about: review.job, .event(event), traceparent: review.step.traceparent)
        _ = try db.apply(event, at: now)
        return response
    }

    /// The step of the decision: the first of a new generation, so that late events of the old one change nothing.
    private func nextStep() throws -> JobStep {
        JobStep(hop: review.step.hop, generation: try claim(review.step), traceparent: review.step.traceparent)
    }

    private func enqueue(_ body: Data, _ job: JobDocument, to stage: Stage, _ step: JobStep) throws {
        try db.enqueue(body, about: job, .job(job, to: stage, step.next()), traceparent: step.traceparent)
    }

    private func event(_ name: JobEvent.Name, _ state: JobState, _ step: JobStep) -> JobEvent {
        var event = JobEvent(
            name, of: review.job, at: .match, state: state, hop: step.hop, requeues: step.generation, attempt: 1,
            worker: worker)
        event.at = now
        return event
    }

    /// The only candidate without a verdict.
    private var onlyCandidate: Candidate {
        get throws(ReviewError) {
            let remaining = open.remaining
            guard let only = remaining.first, remaining.count == 1 else {
                let problem =
                    remaining.isEmpty
                    ? "there is no candidate; name a file by its key"
                    : "there are \(remaining.count) candidates; name one by its index or by its key"
                throw .invalid(ContractViolation(path: "/candidate", problem: "is missing: \(problem)"))
            }
            return only.candidate
        }
    }
}

extension [CandidateKey] {
    /// Each key once, in order.
    fileprivate var unique: [CandidateKey] {
        reduce(into: []) { keys, key in if !keys.contains(key) { keys.append(key) } }
    }
}
