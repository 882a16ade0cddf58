import Contracts

// Follows a transfer to its end, or until a time limit is reached.
extension TransferMachine {
    /// A list can be older than the transfer, so only the second list without the transfer proves that it is missing.
    private static let maximumMissing = 2

    mutating func beginFollowing(
        _ found: FoundTransfer, after moment: ContinuousClock.Instant, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        facts = TransferFacts()
        let clocks = TransferClocks(
            settings, hasAlternatives: order.hasAlternatives, queued: timeInQueues(before: now, found.transfer),
            now: now)
        var following = Following(found: found, moment: moment, clocks: clocks)
        following.wasQueued = order.since != nil && found.transfer.state.isQueued
        following.unseenFailure = order.since != nil && found.transfer.state.isEnded ? found.transfer.attempts : nil
        guard found.transfer.state.isEnded, !found.wasCutOff else {
            return enter(.following(following), .follow(found), .nextUpdate)
        }
        let verdict = following.judge(now)
        return [.follow(found)] + conclude(verdict, following, now)
    }

    /// - Parameter restarted: Since when a restart of slskd has interrupted the transfer; `nil` otherwise.
    mutating func follow(
        _ following: Following, restarted: ContinuousClock.Instant?, _ event: TransferEvent,
        _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        var following = following
        switch event {
        case .placeRequested(let wasSent):
            following.hasRequestedPlace = wasSent
            // Another transfer has just been asked for its place; this one is at the next look.
            if !wasSent, following.wasQueued { return finish(following.found.pending) }
            return enter(.following(following), .nextUpdate)
        case .updated(let update) where update.requestedAt > following.moment:
            switch update.content {
            case .failed(let error): return miss(error, following, restarted, now)
            case .transfers(let transfers): return observe(transfers, following, restarted, now)
            }
        case .updated: return [.nextUpdate]
        default: return []
        }
    }

    private mutating func miss(
        _ error: SlskdError, _ following: Following, _ restarted: ContinuousClock.Instant?,
        _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        var following = following
        let since = following.failingSince ?? now
        following.failingSince = since
        let mayRecover = ![.unauthorised, .forbidden].contains(error.meaning)
        guard mayRecover, now - since < settings.absence else { return finish(unavailable: error) }
        return enter(following.state(restarted), .nextUpdate)
    }

    private mutating func observe(
        _ transfers: [SlskdTransfer], _ following: Following, _ restarted: ContinuousClock.Instant?,
        _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        var following = following
        following.failingSince = nil
        guard let next = following.found.successor(among: transfers, size: order.candidate.size) else {
            following.missing += 1
            guard following.missing >= Self.maximumMissing else {
                return enter(following.state(restarted), .nextUpdate)
            }
            return enter(
                .vanished(Vanished(found: following.found, transfers: transfers)),
                .readRecord(following.found.transfer.id))
        }
        following.missing = 0
        let isOther = next.transfer.id != following.found.transfer.id
        following.found = next
        let announcement: [TransferCommand] = isOther ? [.follow(next)] : []
        return announcement
            + (next.wasCutOff
                ? awaitResumption(following, since: restarted ?? now, now) : judge(following, now))
    }

    private mutating func judge(_ following: Following, _ now: ContinuousClock.Instant) -> [TransferCommand] {
        var following = following
        let verdict = following.judge(now)
        return report(on: following.found.transfer) + conclude(verdict, following, now)
    }

    private mutating func conclude(
        _ verdict: TransferClocks.Verdict, _ following: Following, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        let found = following.found
        switch verdict {
        case .wait: return wait(following, now)
        case .ended(.succeeded): return beginCollecting(found, now)
        case .ended(let ending):
            let failure = TransferFailure(ending, found.transfer.exception)
            // slskd may have been the cause, and cannot be asked about that time any more.
            guard following.unseenFailure == found.transfer.attempts, failure.mayBeSlskds else {
                return fail(found, failure)
            }
            return end(found, then: .loseUnseen)
        case .stalled: return [.report(.stalled)] + fail(found, .stalled)
        case .neverStarted: return fail(found, .noAnswer)
        case .queuedTooLong:
            let explanation = "the transfer was in the queue for too long"
            return check(explanation, isLost: false, then: .end(found, then: .fail(peerError(.timedOut, explanation))))
        }
    }

    private mutating func wait(_ following: Following, _ now: ContinuousClock.Instant) -> [TransferCommand] {
        let found = following.found
        var following = following
        following.queuedSince = found.transfer.state.isQueued ? following.queuedSince ?? now : nil
        if let queued = following.queuedSince, hasStayed(following, since: queued, now) { return finish(found.pending) }
        // slskd has the place in a queue only after a request to the peer, once each time that a transfer is followed.
        let needsPlace = found.transfer.state == .queuedRemotely && !following.hasRequestedPlace
        return enter(.following(following), needsPlace ? .requestPlace(found.transfer.id) : .nextUpdate)
    }

    /// Whether a queued transfer has been followed long enough.
    private func hasStayed(
        _ following: Following, since queued: ContinuousClock.Instant, _ now: ContinuousClock.Instant
    ) -> Bool {
        let isPlaceKnown = following.hasRequestedPlace || following.found.transfer.state == .queuedLocally
        return following.wasQueued && isPlaceKnown || now - queued > order.stay
    }

    /// Waits until slskd resumes the transfer, or ends it so that the file is ordered again.
    private mutating func awaitResumption(
        _ following: Following, since: ContinuousClock.Instant, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        guard now - since > settings.absence else { return enter(.restarted(following, since: since), .nextUpdate) }
        let reason = "slskd was restarted and did not resume the transfer"
        return check(reason, isLost: false, then: .end(following.found, then: .lose(reason, wasCutOff: true)))
    }

    private func report(on transfer: SlskdTransfer) -> [TransferCommand] {
        switch transfer.state {
        case .queuedRemotely: [.report(.queued(place: transfer.placeInQueue))]
        case .inProgress where transfer.bytesTransferred > 0:
            [.report(.progress(TransferProgress(transferred: transfer.bytesTransferred, total: order.candidate.size)))]
        default: []
        }
    }
}
