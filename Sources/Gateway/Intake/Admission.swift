import Contracts
import Foundation
import Metadata

/// A submission that was found good, as the jobs it asks for.
struct Admission: Sendable {
    /// One item's job.
    struct Item: Sendable {
        /// The item's place in the submission, from 0.
        var index: Int
        var job: JobDocument
        /// The job as it goes to the broker.
        var body: Data
        /// Start anew what was already processed.
        var force: Bool { job.force ?? false }

        /// - Throws: ``ContractViolation`` when the job is too large to be carried.
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

    var batchID: String
    var requestedBy: String?
    var items: [Item]
    /// What the links of the submission ask for.
    var expansions: [NewExpansion] = []
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
        items = []
        for (index, item) in submission.items.enumerated() {
            if let link = item.link {
                let plan = ExpansionPlan(item, at: index, of: submission, batchID: batchID, traceparent: traceparent)
                expansions.append(NewExpansion(link: try Self.link(link, at: index), plan: plan))
            } else {
                items.append(try Self.item(item, at: index, of: submission, batchID, now))
            }
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
        job.standing = item.standing ?? submission.standing
        return try Item(index: index, job: job)
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
