import Contracts

// Orders the file. After a lost response it checks first whether the file was ordered.
extension TransferMachine {
    private static let busyPatience = Duration.seconds(90)

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

    mutating func beginOrdered(_ found: FoundTransfer, _ now: ContinuousClock.Instant) -> [TransferCommand] {
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

    // MARK: - Failures

    /// Fails the order after its last try. A missing response is the peer's failure when slskd itself is available.
    mutating func failOrder(_ error: SlskdError) -> [TransferCommand] {
        let next: Next =
            switch error.meaning {
            case .unavailable: .unavailable(SourceError(unavailable: error))
            case .timedOut: .fail(SourceError(.timedOut, "the peer could not be reached in time"))
            default: .fail(SourceError(.refused, error.message))
            }
        return check(error.message, isLost: true, then: next)
    }
}
