import Contracts

/// What became of the dead letters of one request.
struct OperatorResult: Sendable, Equatable {
    /// The ids that were sent back or dropped; with `dryRun`, those that would be.
    var done: [String]
    var skipped: [Skip]
    var dryRun: Bool

    static func += (result: inout OperatorResult, part: OperatorResult) {
        result.done += part.done
        result.skipped += part.skipped
    }

    /// Notes that the connection was lost over these: what was confirmed is back at work all the same, what was to be
    /// dropped may be parked again.
    mutating func fail(_ ids: Set<String>, _ action: OperatorAction) {
        if action == .purge { done.removeAll { ids.contains($0) } }
        let told = Set(done + skipped.map(\.id))
        let reason: Skip.Reason = action == .purge ? .purgeFailed : .enqueueFailed
        skipped += ids.subtracting(told).sorted().map { Skip(id: $0, reason: reason) }
    }
}

/// The counts of dead letters.
struct DeadLetterStats: Encodable, Sendable, Equatable {
    /// Ready in the parking lots.
    var total: Int
    var byReason: [String: Int]
    /// By parking lot: the stages, and `invalid`.
    var byStage: [String: Int]
    var last24h: Int

    enum CodingKeys: String, CodingKey {
        case total
        case byReason = "by_reason"
        case byStage = "by_stage"
        case last24h = "last_24h"
    }
}
