import Contracts
import Foundation
import JobLedger

/// The fields that lists and single reviews have in common.
private struct ReviewHead: Encodable, Sendable {
    var review: Review

    private enum CodingKeys: String, CodingKey {
        case status, kind, artist, title, album, because
        case jobID = "job_id"
        case batchID = "batch_id"
        case requestedBy = "requested_by"
        case askedAt = "asked_at"
        case resolvedAt = "resolved_at"
        case resolvedBy = "resolved_by"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(review.job.jobID, forKey: .jobID)
        try fields.encodeIfPresent(review.job.batchID, forKey: .batchID)
        try fields.encode(review.job.kind, forKey: .kind)
        try fields.encodeIfPresent(review.job.requestedBy, forKey: .requestedBy)
        try fields.encode(review.job.track.artist, forKey: .artist)
        try fields.encode(review.job.track.title, forKey: .title)
        try fields.encodeIfPresent(review.job.track.album, forKey: .album)
        try fields.encode(review.reason, forKey: .because)
        try fields.encode(review.status, forKey: .status)
        try fields.encode(review.askedAt, forKey: .askedAt)
        try fields.encodeIfPresent(review.resolvedAt, forKey: .resolvedAt)
        try fields.encodeIfPresent(review.resolvedBy, forKey: .resolvedBy)
    }
}

/// A review as lists show it.
struct ReviewSummary: Encodable, Sendable {
    var reviewCase: ReviewCase

    private enum CodingKeys: String, CodingKey { case score, candidates }

    func encode(to encoder: any Encoder) throws {
        try ReviewHead(review: reviewCase.review).encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(reviewCase.review.match.score, forKey: .score)
        try fields.encode(reviewCase.remaining.count, forKey: .candidates)
    }
}

/// One page of a list of reviews, oldest first.
struct ReviewPage: Encodable, Sendable {
    var items: [ReviewSummary]
    /// How many reviews the filter selects.
    var total: Int
    var limit: Int
    var offset: Int
}

/// A review with all its evidence.
struct ReviewDetail: Encodable, Sendable {
    var reviewCase: ReviewCase

    private enum CodingKeys: String, CodingKey {
        case track, decision
        case expiresAt = "expires_at"
    }

    func encode(to encoder: any Encoder) throws {
        let review = reviewCase.review
        let candidates = reviewCase.remaining.map { FileResponse(candidate: $0.candidate, index: $0.index) }
        try ReviewHead(review: review).encode(to: encoder)
        try EvidenceResponse(match: review.match, candidates: candidates).encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(review.job.track, forKey: .track)
        try fields.encodeIfPresent(review.job.expiresAt, forKey: .expiresAt)
        try fields.encodeIfPresent(review.response, forKey: .decision)
    }
}
