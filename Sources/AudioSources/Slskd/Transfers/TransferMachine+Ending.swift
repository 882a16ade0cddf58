import Contracts

// Ends transfers, and finds out first whether slskd itself is at fault.
extension TransferMachine {
    /// What follows after a check of slskd or after the end of a transfer.
    indirect enum Next: Sendable {
        case fail(SourceError)
        case unavailable(SourceError)
        case end(FoundTransfer, then: Next)
        /// slskd lost the transfer. The candidate is not at fault, so the file is ordered again.
        case lose(String, wasCutOff: Bool)
        case orderAgain(wasCutOff: Bool)
        case list(Ordering.Reason, Ordering)
        /// Ends the failed transfers of earlier rounds, then orders the file.
        case orderAfter([FoundTransfer])

        /// Orders the file again after a failure that nobody saw: its cause may have been slskd's network.
        static let loseUnseen = Next.lose("the transfer failed while no process followed it", wasCutOff: false)
    }

    /// A check of slskd's own state.
    struct Check: Sendable {
        /// The observation that led to the check; part of the error.
        let reason: String
        /// Whether the transfer is lost when slskd is unavailable.
        let isLost: Bool
        /// What follows when slskd is available.
        let next: Next
    }

    mutating func check(_ reason: String, isLost: Bool, then next: Next) -> [TransferCommand] {
        enter(.checking(Check(reason: reason, isLost: isLost, next: next)), .checkSlskd)
    }

    mutating func conclude(
        _ check: Check, _ event: TransferEvent, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        guard case .checked(let condition) = event else { return [] }
        let problem: String
        switch condition {
        case .ready: return proceed(check.next, now)
        case .notLoggedIn: problem = "slskd is not logged in: \(check.reason)"
        case .silent: problem = "slskd does not respond: \(check.reason)"
        }
        return finish(.sourceUnavailable(SourceError(.unavailable, problem), isLost: check.isLost))
    }

    mutating func proceed(_ next: Next, _ now: ContinuousClock.Instant) -> [TransferCommand] {
        switch next {
        case .fail(let error): return fail(error)
        case .unavailable(let error): return finish(.sourceUnavailable(error, isLost: false))
        case .end(let found, let next): return end(found, then: next)
        case .lose(let reason, let wasCutOff): return lose(reason, wasCutOff: wasCutOff)
        case .orderAgain(let wasCutOff): return orderAgain(wasCutOff: wasCutOff)
        case .list(let reason, let ordering): return list(reason, ordering, now)
        case .orderAfter(let failed):
            if let first = failed.first { return end(first, then: .orderAfter(Array(failed.dropFirst()))) }
            return acquireSlot(now)
        }
    }

    private mutating func acquireSlot(_ now: ContinuousClock.Instant) -> [TransferCommand] {
        facts = TransferFacts()
        let patience = order.holdEnds.map { min(order.patience, max(.zero, $0 - now)) } ?? order.patience
        return enter(.waitingForSlot, .acquireSlot(within: patience))
    }

    // MARK: - Losses

    private mutating func lose(_ reason: String, wasCutOff: Bool) -> [TransferCommand] {
        let slot: [TransferCommand] = holdsSlot ? [.releaseSlot] : []
        holdsSlot = false
        return [.follow(nil), .log(.lost(reason))] + slot
            + check(reason, isLost: true, then: .orderAgain(wasCutOff: wasCutOff))
    }

    private mutating func orderAgain(wasCutOff isNew: Bool) -> [TransferCommand] {
        wasCutOff = wasCutOff || isNew
        countOrder()
        guard number >= Self.maximumOrders else { return prepare() }
        guard wasCutOff else {
            return fail(SourceError(.lost, "slskd lost the transfer \(Self.maximumOrders) times"))
        }
        let error = SourceError(.unavailable, "slskd was restarted and lost the transfer")
        return finish(.sourceUnavailable(error, isLost: true))
    }

    // MARK: - Failures

    /// Ends the transfer and fails the candidate, unless slskd itself is unavailable.
    mutating func fail(_ found: FoundTransfer, _ failure: TransferFailure) -> [TransferCommand] {
        let error = peerError(failure.sourceCode, failure.explanation)
        guard failure.mayBeSlskds else { return end(found, then: .fail(error)) }
        return check(failure.explanation, isLost: true, then: .end(found, then: .fail(error)))
    }

    func peerError(_ code: SourceError.Code, _ explanation: String) -> SourceError {
        SourceError(code, "\(user.prefix(60).debugDescription): \(explanation)")
    }

    /// Cancels a running transfer and slskd's own further attempts, and removes it and its files from slskd.
    mutating func end(_ found: FoundTransfer, then next: Next) -> [TransferCommand] {
        enter(.ending(found, then: next), .remove(found.transfer.id))
    }

    mutating func end(
        _ found: FoundTransfer, then next: Next, _ event: TransferEvent, _ now: ContinuousClock.Instant
    ) -> [TransferCommand] {
        guard case .removed(let result) = event else { return [] }
        switch result {
        case .failure(let error): return finish(unavailable: error)
        case .success(let isGone):
            let note: [TransferCommand] = isGone ? [] : [.log(.cannotRemove)]
            return note + (found.destination.map { [.clear($0)] } ?? []) + proceed(next, now)
        }
    }
}
