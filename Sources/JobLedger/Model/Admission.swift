public import Contracts
import Foundation

/// A valid submission, as the jobs and link requests that it becomes.
public struct Admission: Sendable {
    /// The job of one item.
    public struct Item: Sendable {
        /// The position of the item in the submission, from 0.
        public var index: Int
        public var job: JobDocument
        /// The encoded job, as it is published.
        var body: Data
        /// Whether the job starts even if the recording was processed before.
        var force: Bool { job.force ?? false }

        /// - Throws: `ContractViolation` when the encoded job is too large for a message.
        init(index: Int, job: JobDocument) throws {
            self.index = index
            self.job = job
            body = try ContractCoding.encode(job)
            guard body.count <= largestBody else {
                throw ContractViolation(
                    path: "/items/\(index)", problem: "must not be larger than \(largestBody) bytes")
            }
        }
    }

    /// A link that the planner reads.
    public struct Link: Sendable {
        /// The position of the link in the submission, from 0.
        public var index: Int
        public var request: LinkRequest
    }

    public var batchID: JobID
    public var requestedBy: String?
    public var items: [Item]
    public var links: [Link] = []
    /// The W3C Trace Context of the submission.
    public var traceparent: String?

    /// The longest texts that are accepted, in bytes of UTF-8.
    private static let longestKey = 1024
    private static let longestName = 256
    /// Leaves space for what the gateway and the stages add to the document: verdicts, candidates.
    private static let largestBody = JobDocument.largestBody - (128 << 10)

    /// Creates the jobs and link requests of a submission.
    /// - Parameter trustsMetadata: Whether the metadata of items is taken over; else it is dropped.
    /// - Throws: `ContractViolation` with the place in the submission.
    public init(
        _ submission: Submission, limits: AdmissionLimits, at now: Timestamp, traceparent: String? = nil,
        trustsMetadata: Bool = false
    ) throws {
        guard submission.items.count <= limits.maxItems else {
            throw ContractViolation(path: "/items", problem: "must not have more than \(limits.maxItems) items")
        }
        try Self.check(submission.dedupeKey, "/dedupe_key", Self.longestKey)
        try Self.check(submission.requestedBy, "/requested_by", Self.longestName)
        let batchID = submission.batchID.flatMap { JobID($0) } ?? JobID()
        let albums = AlbumCounts(submission)
        items = []
        for (index, item) in submission.items.enumerated() {
            if let link = item.link {
                let request = try Self.request(link, item, at: index, of: submission, batchID, now)
                links.append(Link(index: index, request: request))
            } else {
                var job = try Self.job(item, at: index, of: submission, batchID, now)
                if trustsMetadata { job.metadata = item.metadata }
                job.albumJobs = albums.jobs(beside: item.track)
                items.append(try Item(index: index, job: job))
            }
        }
        self.batchID = batchID
        self.requestedBy = submission.requestedBy
        self.traceparent = traceparent
    }
}

// MARK: - Items

extension Admission {
    private static func job(
        _ item: SubmissionItem, at index: Int, of submission: Submission, _ batchID: JobID, _ now: Timestamp
    ) throws -> JobDocument {
        try check(item.dedupeKey, "/items/\(index)/dedupe_key", longestKey)
        try check(item.requestedBy, "/items/\(index)/requested_by", longestName)
        let kind = submission.kind ?? .manual
        var job = JobDocument(
            batchID: batchID.text, kind: kind, requestedBy: item.requestedBy ?? submission.requestedBy,
            dedupeKey: DedupeKey.of(item.track, explicit: item.dedupeKey, batch: submission.dedupeKey),
            priority: item.priority
                ?? PriorityBand.priority(base: submission.priority ?? kind.defaultPriority, index: index),
            submittedAt: now, track: item.track)
        job.expiresAt = submission.expiresAt
        job.force = item.force ?? submission.force
        job.standing = item.standing ?? submission.standing
        return job
    }

    private static func request(
        _ text: String, _ item: SubmissionItem, at index: Int, of submission: Submission, _ batchID: JobID,
        _ now: Timestamp
    ) throws -> LinkRequest {
        try check(item.dedupeKey, "/items/\(index)/dedupe_key", longestKey)
        try check(item.requestedBy, "/items/\(index)/requested_by", longestName)
        var request = LinkRequest(
            expansionID: JobID(), batchID: batchID, link: try link(text, at: index).description,
            kind: submission.kind ?? .manual, submittedAt: now)
        request.priority = item.priority ?? submission.priority
        request.requestedBy = item.requestedBy ?? submission.requestedBy
        request.dedupePrefix = submission.dedupeKey
        request.dedupeKey = item.dedupeKey
        request.expiresAt = submission.expiresAt
        request.force = item.force ?? submission.force
        request.standing = item.standing ?? submission.standing
        request.index = index
        return request
    }

    private static func link(_ text: String, at index: Int) throws(ContractViolation) -> CatalogueLink {
        do throws(CatalogueLinkError) {
            return try CatalogueLink(text)
        } catch {
            throw ContractViolation(path: "/items/\(index)/link", problem: "is no link to tracks: \(error)")
        }
    }

    private static func check(_ text: String?, _ path: String, _ longest: Int) throws {
        guard let text, text.utf8.count > longest else { return }
        throw ContractViolation(path: path, problem: "must not be longer than \(longest) bytes")
    }
}

/// The response to a submission, and whether it was stored before.
public struct AdmissionReceipt: Sendable {
    public let response: SubmissionResponse
    /// Whether the same submission got this response before.
    public var isReplay = false

    /// Returns how many items newly got this status.
    public func count(_ status: SubmissionResponse.Status) -> Int {
        isReplay ? 0 : response.items.count { $0.status == status }
    }
}
