import Contracts
import Foundation
import JobLedger

/// A judged file, with the key under which verdicts on it are stored.
struct FileResponse: Encodable, Sendable {
    var candidate: Candidate
    /// The index in the list, which a decision may name.
    var index: Int?

    enum CodingKeys: String, CodingKey { case key, index }

    func encode(to encoder: any Encoder) throws {
        try candidate.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(candidate.key, forKey: .key)
        try fields.encodeIfPresent(index, forKey: .index)
    }
}

extension [Candidate] {
    /// The files with their indices.
    var responses: [FileResponse] { enumerated().map { FileResponse(candidate: $1, index: $0) } }
}

/// The evidence for a decision, as matches and reviews show it.
struct EvidenceResponse: Encodable, Sendable {
    var match: MatchSection
    var candidates: [FileResponse]

    struct RunnerUp: Encodable, Sendable {
        var candidate: FileResponse
        var margin: Double
    }

    enum CodingKeys: String, CodingKey {
        case outcome, score, components, candidates, refused, considered, searches, explanation
        case runnerUp = "runner_up"
        case leftOut = "left_out"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encodeIfPresent(match.outcome, forKey: .outcome)
        try fields.encode(match.score, forKey: .score)
        try fields.encode(match.components, forKey: .components)
        try fields.encode(candidates, forKey: .candidates)
        try fields.encode((match.refused ?? []).responses, forKey: .refused)
        try fields.encodeIfPresent(
            match.runnerUp.map { RunnerUp(candidate: FileResponse(candidate: $0.candidate), margin: $0.margin) },
            forKey: .runnerUp)
        try fields.encodeIfPresent(match.considered, forKey: .considered)
        try fields.encodeIfPresent(match.leftOut, forKey: .leftOut)
        try fields.encode(match.searches ?? [], forKey: .searches)
        try fields.encodeIfPresent(match.explanation, forKey: .explanation)
    }
}

/// The decision about a job's match, with its evidence.
struct MatchResponse: Encodable, Sendable {
    var jobID: JobID
    /// The present state of the job.
    var state: JobState
    var artist: String
    var title: String
    var album: String?
    var record: MatchRecord
    var review: Review?

    /// Returns `nil` when the match stage has not decided.
    init?(_ id: JobID, _ report: MatchReport) {
        guard let record = report.record else { return nil }
        jobID = id
        state = report.job?.state ?? .review
        artist = report.job?.artist ?? report.review?.job.track.artist ?? ""
        title = report.job?.title ?? report.review?.job.track.title ?? ""
        album = report.job?.album ?? report.review?.job.track.album
        self.record = record
        review = report.review
    }

    struct ReviewNote: Encodable, Sendable {
        var status: Review.Status
        var askedAt: Timestamp
        var resolvedAt: Timestamp?
        var resolvedBy: String?
        var keys: [CandidateKey]?
        var query: String?

        enum CodingKeys: String, CodingKey {
            case status, keys, query
            case askedAt = "asked_at"
            case resolvedAt = "resolved_at"
            case resolvedBy = "resolved_by"
        }

        init(_ review: Review) {
            status = review.status
            askedAt = review.askedAt
            resolvedAt = review.resolvedAt
            resolvedBy = review.resolvedBy
            keys = review.response?.keys
            query = review.response?.query
        }
    }

    enum CodingKeys: String, CodingKey {
        case state, artist, title, album, at, review
        case jobID = "job_id"
    }

    func encode(to encoder: any Encoder) throws {
        try EvidenceResponse(match: record.decision, candidates: record.decision.candidates.responses).encode(
            to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(jobID, forKey: .jobID)
        try fields.encode(state, forKey: .state)
        try fields.encode(artist, forKey: .artist)
        try fields.encode(title, forKey: .title)
        try fields.encodeIfPresent(album, forKey: .album)
        try fields.encode(record.at, forKey: .at)
        try fields.encodeIfPresent(review.map(ReviewNote.init), forKey: .review)
    }
}
