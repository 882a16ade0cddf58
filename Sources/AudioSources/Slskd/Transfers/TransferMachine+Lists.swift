import Contracts

// Reads slskd's lists, and collects what slskd knows of their transfers.
extension TransferMachine {
    enum Polled: Sendable {
        case transfers([SlskdTransfer])
        case failed(SlskdError)
        /// The list may be older than what it is needed for.
        case outdated
    }

    /// Returns the content of the first poll after a moment.
    func polled(
        _ update: DownloadsPoller.Update, after moment: ContinuousClock.Instant, _ now: ContinuousClock.Instant
    ) -> Polled {
        let isCurrent = update.requestedAt >= moment
        switch update.content {
        case .transfers(let transfers): return isCurrent ? .transfers(transfers) : .outdated
        case .failed(let error): return isCurrent || now - moment > settings.absence ? .failed(error) : .outdated
        }
    }

    var ownership: TransferOwnership { TransferOwnership(order: order, identity: identity, facts: facts) }

    /// Records the answer to a question and continues.
    mutating func learn(
        _ answer: Result<TransferFact, SlskdError>, to question: TransferQuestion,
        _ next: (inout TransferMachine) -> [TransferCommand]
    ) -> [TransferCommand] {
        switch answer {
        case .failure(let error): return finish(unavailable: error)
        case .success(let fact):
            facts.record(fact, for: question)
            return next(&self)
        }
    }

    /// Continues with a new list. Facts about the one before may be outdated.
    mutating func forgettingFacts(_ next: (inout TransferMachine) -> [TransferCommand]) -> [TransferCommand] {
        facts = TransferFacts()
        return next(&self)
    }
}
