import Contracts

// Orders the file. After a lost response it checks first whether the file was ordered.
extension TransferMachine {
    private static let maximumTries = 3
    private static let busyPatience = Duration.seconds(90)
    private static let latePolls = 15

    mutating func begin(_ event: TransferEvent, _ now: ContinuousClock.Instant) -> [TransferCommand] {
        switch event {
        case .slot:
            holdsSlot = true
            return enter(.ordering(Ordering(began: now)), .order(identity))
        case .noSlot(let limit, let isOfPeer):
            let wait = JobEvent.Wait(
                .transferLimit, provider: SlskdSource.sourceName, peer: isOfPeer ? user : nil, limit: limit)
            return finish(.throttled("other transfers have precedence", wait: wait))
        default: return []
        }
    }

    mutating func enqueue(
        _ ordering: Ordering, _ event: TransferEvent, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        switch (ordering.step, event) {
        case (.sending, .ordered(.success(let enqueued))): ordered(enqueued, ordering, now)
        case (.sending, .ordered(.failure(let error))): orderFailed(error, ordering, now)
        case (.listing(let reason, let moment), .updated(let update)):
            listed(update, after: moment, reason, ordering, now)
        case (.identifying(let transfers, let reason), .fact(let question, let answer)):
            learn(answer, to: question) { $0.identify(transfers, reason, ordering, now) }
        default: []
        }
    }

    // MARK: - Responses

    private mutating func ordered(
        _ enqueued: SlskdEnqueued, _ ordering: Ordering, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        guard let transfer = enqueued.transfers.last(where: { $0.isOf(order.candidate.path) }) else {
            guard !enqueued.wasKnown else {
                return lostOrder("slskd has the order without a transfer", wasCutOff: false, ordering, now)
            }
            return list(.refused(TransferFailure(enqueued.failures.first ?? "")), ordering, now)
        }
        let found = FoundTransfer(transfer, destination: enqueued.batchID == nil ? nil : identity.destination)
        guard !enqueued.wasKnown || !transfer.state.isEnded || !transfer.isRemoved else {
            // It ended and was removed, by an earlier process of the job or by slskd's restart.
            return lostOrder("it was ordered before and removed", wasCutOff: found.wasCutOff, ordering, now)
        }
        return beginOrdered(found, now)
    }

    private mutating func beginOrdered(_ found: FoundTransfer, _ now: ContinuousClock.Instant) -> [TransferCommand] {
        [.report(.ordered)] + beginFollowing(found, after: now, now)
    }

    private mutating func orderFailed(
        _ error: SlskdError, _ ordering: Ordering, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        if error.meaning == .busy, now - ordering.began < Self.busyPatience { return [.order(identity)] }
        var ordering = ordering
        ordering.last = error
        ordering.tries += 1
        switch error.meaning {
        // The list shows whether slskd responds.
        case .timedOut, .unavailable: return list(.failed(error), ordering, now)
        // slskd may have stored the batch without its transfers.
        case .notLoggedIn: return finish(unavailable: error, isLost: true)
        case .busy, .notFound, .unexpected, .unauthorised, .forbidden: return finish(unavailable: error)
        // slskd responds in the same way when it is itself unavailable.
        case .peerFailed: return check(error.message, isLost: true, then: .list(.failed(error), ordering))
        case .peerOffline, .peerUnreachable, .invalid: return failOrder(error)
        }
    }

    /// Handles an order that slskd has without a running transfer. Right after an error it means that slskd could not
    /// reach the peer.
    private mutating func lostOrder(
        _ reason: String, wasCutOff: Bool, _ ordering: Ordering, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        switch ordering.last?.meaning {
        case .timedOut: list(.late(polls: 0, reason), ordering, now)
        case .peerFailed: failOrder(ordering.last ?? SlskdError(.peerFailed, reason))
        default: proceed(.lose(reason, wasCutOff: wasCutOff), now)
        }
    }

    // MARK: - Lists

    mutating func list(
        _ reason: Ordering.Reason, _ ordering: Ordering, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        enter(ordering.at(.listing(reason, after: now)), .nextUpdate)
    }

    private mutating func listed(
        _ update: DownloadsPoller.Update, after moment: ContinuousClock.Instant, _ reason: Ordering.Reason,
        _ ordering: Ordering, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        switch polled(update, after: moment, now) {
        case .outdated: return [.nextUpdate]
        case .failed(let error): return finish(unavailable: error)
        case .transfers(let transfers): return forgettingFacts { $0.identify(transfers, reason, ordering, now) }
        }
    }

    private mutating func identify(
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

    /// Fails the order after its last try. A missing response is the peer's failure when slskd itself is available.
    private mutating func failOrder(_ error: SlskdError) -> [TransferCommand] {
        let next: Next =
            switch error.meaning {
            case .unavailable: .unavailable(SourceError(unavailable: error))
            case .timedOut: .fail(SourceError(.timedOut, "the peer could not be reached in time"))
            default: .fail(SourceError(.refused, error.message))
            }
        return check(error.message, isLost: true, then: next)
    }
}
