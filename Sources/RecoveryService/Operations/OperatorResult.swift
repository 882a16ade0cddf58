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

    /// Adds the outcome of one dead letter.
    mutating func add(_ outcome: Result<String, SkippedDeadLetter>) {
        switch outcome {
        case .success(let id): done.append(id)
        case .failure(let skip): skipped.append(skip)
        }
    }

    /// Adds that a purge was interrupted while these ids were held. A message whose ack did not arrive returns.
    mutating func addFailure(_ ids: Set<String>) {
        done.removeAll { ids.contains($0) }
        let finished = Set(skipped.map(\.id))
        skipped += ids.subtracting(finished).sorted().map { SkippedDeadLetter(id: $0, reason: .purgeFailed) }
    }
}
