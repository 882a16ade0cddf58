import Contracts

/// What happened to the dead letters of one request.
struct OperatorResult: Sendable, Equatable {
    /// The ids that were requeued or purged; with `dryRun`, those that would be.
    var done: [String] = []
    var skipped: [SkippedDeadLetter] = []

    static func += (result: inout OperatorResult, part: OperatorResult) {
        result.done += part.done
        result.skipped += part.skipped
    }

    /// Adds that the connection was lost while these ids were held.
    ///
    /// A requeue that was confirmed is done all the same. A purge may not be: without its ack, the message returns.
    mutating func addFailure(_ ids: Set<String>, _ action: OperatorAction) {
        if action == .purge { done.removeAll { ids.contains($0) } }
        let finished = Set(done + skipped.map(\.id))
        let reason: SkippedDeadLetter.Reason = action == .purge ? .purgeFailed : .enqueueFailed
        skipped += ids.subtracting(finished).sorted().map { SkippedDeadLetter(id: $0, reason: reason) }
    }
}
