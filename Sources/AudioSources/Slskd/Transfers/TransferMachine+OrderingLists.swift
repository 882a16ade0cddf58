import Contracts

// Finds out from slskd's lists whether an order without a response was carried out.
extension TransferMachine {
    private static let maximumTries = 3
    private static let latePolls = 15

    mutating func list(
        _ reason: Ordering.Reason, _ ordering: Ordering, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        enter(ordering.at(.listing(reason, after: now)), .nextUpdate)
    }

    mutating func listed(
        _ update: DownloadsPoller.Update, after moment: ContinuousClock.Instant, _ reason: Ordering.Reason,
        _ ordering: Ordering, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        switch polled(update, after: moment, now) {
        case .outdated: return [.nextUpdate]
        case .failed(let error): return finish(unavailable: error)
        case .transfers(let transfers): return forgettingFacts { $0.identify(transfers, reason, ordering, now) }
        }
    }

    mutating func identify(
        _ transfers: [SlskdTransfer], _ reason: Ordering.Reason, _ ordering: Ordering, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        switch ownership.own(among: transfers) {
        case .needs(let question): enter(ordering.at(.identifying(transfers, reason)), .ask(question))
        case .value(let found?): beginOrdered(found, now)
        case .value(nil):
            notOrdered(reason, among: transfers, ordering, now)
        }
    }

    private mutating func notOrdered(
        _ reason: Ordering.Reason, among transfers: [SlskdTransfer], _ ordering: Ordering,
        _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        let hasForeign = transfers.contains { !$0.state.isEnded }
        switch reason {
        case .failed(let error):
            guard ordering.tries < Self.maximumTries else {
                // The peer was reached, and only slskd's responses are missing.
                return hasTransfer(among: transfers, since: ordering)
                    ? finish(unavailable: error, isLost: true) : failOrder(error)
            }
            return enter(ordering.at(.sending), .order(identity))
        case .refused(let failure):
            if hasForeign { return finishForeign() }
            // For example, the transfer that slskd had in progress has ended since.
            if failure == .unknown { return proceed(.lose("slskd refused the order", wasCutOff: false), now) }
            let error = SourceError(failure.sourceCode, "slskd refused the order: \(failure.explanation)")
            return failure.mayBeSlskds
                ? check(failure.explanation, isLost: true, then: .fail(error)) : fail(error)
        case .late where hasForeign: return finishForeign()
        case .late(let polls, let reason):
            // A restart of slskd can be the cause, so the peer is not at fault. The next order shows whether it is reachable.
            guard polls + 1 < Self.latePolls else { return proceed(.lose(reason, wasCutOff: false), now) }
            return list(.late(polls: polls + 1, reason), ordering, now)
        }
    }

    /// Whether slskd has transferred the file since the order began. Without batches such a transfer can be another
    /// client's, so its file is not used, but it proves that the peer responds.
    private func hasTransfer(among transfers: [SlskdTransfer], since ordering: Ordering) -> Bool {
        let began = began.time + (ordering.began - began.instant)
        return transfers.contains { transfer in
            transfer.state == .completed(.succeeded) && transfer.isOf(order.candidate.path)
                && transfer.requestedAt.map { $0 >= began } ?? false
        }
    }
}
