import Contracts
import Foundation

/// A submission that was found good, as the jobs it asks for.
struct Admission: Sendable {
    /// One item's job.
    struct Item: Sendable {
        var job: JobDocument
        /// The job as it goes to the broker.
        var body: Data
        /// Start anew what was already processed.
        var force: Bool { job.force ?? false }
    }

    var batchID: String
    var requestedBy: String?
    var items: [Item]
    /// W3C Trace Context of the submission.
    var traceparent: String?

    /// The longest texts that are accepted, in bytes of UTF-8.
    private static let longestKey = 1024
    private static let longestName = 256
    /// Leaves room for what the gateway and the stages add to the document: verdicts, candidates.
    private static let largestBody = JobDocument.largestBody - (128 << 10)

    /// Makes the jobs of a submission.
    /// - Throws: ``ContractViolation`` with the place in the submission.
    init(_ submission: Submission, limits: IntakeLimits, at now: Timestamp, traceparent: String? = nil) throws {
        guard submission.items.count <= limits.maxItems else {
            throw ContractViolation(path: "/items", problem: "must not have more than \(limits.maxItems) items")
        }
        try Self.check(submission.dedupeKey, "/dedupe_key", Self.longestKey)
        try Self.check(submission.requestedBy, "/requested_by", Self.longestName)
        let batchID = submission.batchID ?? UUID().uuidString.lowercased()
        items = try submission.items.enumerated().map { index, item in
            try Self.item(item, at: index, of: submission, batchID, now)
        }
        self.batchID = batchID
        self.requestedBy = submission.requestedBy
        self.traceparent = traceparent
    }

    private static func item(
        _ item: SubmissionItem, at index: Int, of submission: Submission, _ batchID: String, _ now: Timestamp
    ) throws -> Item {
        try check(item.dedupeKey, "/items/\(index)/dedupe_key", longestKey)
        try check(item.requestedBy, "/items/\(index)/requested_by", longestName)
        let kind = submission.kind ?? .manual
        var job = JobDocument(
            batchID: batchID, kind: kind, requestedBy: item.requestedBy ?? submission.requestedBy,
            dedupeKey: DedupeKey.of(item.track, explicit: item.dedupeKey, batch: submission.dedupeKey),
            priority: item.priority
                ?? PriorityBand.priority(base: submission.priority ?? kind.defaultPriority, index: index),
            submittedAt: now, track: item.track)
        job.expiresAt = submission.expiresAt
        job.force = item.force ?? submission.force
        let body = try ContractCoding.encode(job)
        guard body.count <= largestBody else {
            throw ContractViolation(
                path: "/items/\(index)", problem: "must not be larger than \(largestBody) bytes")
        }
        return Item(job: job, body: body)
    }

    private static func check(_ text: String?, _ path: String, _ longest: Int) throws {
        guard let text, text.utf8.count > longest else { return }
        throw ContractViolation(path: path, problem: "must not be longer than \(longest) bytes")
    }
}
