import Contracts
import Foundation

/// Collects the items of a step and encodes them as submissions of a limited size.
struct SubmissionDraft: Sendable {
    /// The largest submission, in bytes, unless `HDM_HTTP_MAX_BODY_BYTES` is smaller.
    static let largestBody = 1 << 20
    /// The largest item, in bytes. The gateway and the stages add to the job that an item becomes.
    private static let largestItem = 512 << 10

    private var frame: Submission
    private let maxItems: Int
    private let maxBytes: Int
    private var items: [(item: SubmissionItem, size: Int)] = []

    /// - Parameters:
    ///   - frame: what the submissions have in common; its items are ignored.
    ///   - limits: the gateway refuses submissions that are larger.
    init(_ frame: Submission, _ limits: PlannerLimits) {
        self.frame = frame
        self.frame.items = []
        maxItems = max(1, limits.maxItems)
        maxBytes = min(Self.largestBody, limits.maxBodyBytes)
    }

    var count: Int { items.count }

    /// Appends an item.
    /// - Returns: `false` when it is too large to be submitted.
    mutating func append(_ item: SubmissionItem) throws -> Bool {
        let size = try ContractCoding.encode(item).count + 1
        guard size <= min(Self.largestItem, try room) else { return false }
        items.append((item, size))
        return true
    }

    /// The submissions, in the order of the items; empty when there are no items.
    func encoded() throws -> [Data] {
        var frame = frame
        let room = try room
        var chunks: [[SubmissionItem]] = []
        var size = 0
        for (item, itemSize) in items {
            if chunks.isEmpty || chunks[chunks.count - 1].count >= maxItems || size + itemSize > room {
                chunks.append([])
                size = 0
            }
            chunks[chunks.count - 1].append(item)
            size += itemSize
        }
        return try chunks.map { chunk in
            frame.items = chunk
            return try ContractCoding.encode(frame)
        }
    }

    /// The bytes that the items of one submission may have.
    private var room: Int {
        get throws { maxBytes - (try ContractCoding.encode(frame).count) }
    }
}
