import Contracts

/// What became of the dead letters of one request.
struct OperatorResult: Sendable, Equatable {
    /// The ids that were sent back or dropped; with `dryRun`, those that would be.
    var done: [String]
    var skipped: [SkippedDeadLetter]
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
        let reason: SkippedDeadLetter.Reason = action == .purge ? .purgeFailed : .enqueueFailed
        skipped += ids.subtracting(told).sorted().map { SkippedDeadLetter(id: $0, reason: reason) }
    }
}
