import Contracts

extension TransferMachine {
    /// The state while a transfer is followed.
    struct Following: Sendable {
        var found: FoundTransfer
        /// Only lists that were requested later are certain to contain the transfer.
        let moment: ContinuousClock.Instant
        var clocks: TransferClocks
        /// Consecutive lists without the transfer.
        var missing = 0
        /// When slskd did not respond for the first time since its last response.
        var failingSince: ContinuousClock.Instant?
        var hasRequestedPlace = false
        /// Whether an earlier delivery of the job left the transfer in a queue, in which it still is.
        var wasQueued = false
        /// The attempt that had failed when the transfer was found; `nil` if it had not. Nobody saw why.
        var unseenFailure: Int?
        /// Since when the transfer has been seen in a queue without a break in this delivery.
        var queuedSince: ContinuousClock.Instant?
    }

    /// Returns how long the transfer has been in queues before it is followed: since slskd has the order, or since its
    /// last attempt ended. The time in which bytes arrived, and in which the job waited for slskd, does not count.
    func timeInQueues(before now: ContinuousClock.Instant, _ transfer: SlskdTransfer) -> Duration {
        guard let since = order.since else { return .zero }
        if case .inProgress = transfer.state { return .zero }
        let ordered = max(since, transfer.requestedAt ?? since)
        let start =
            transfer.bytesTransferred > 0
            ? max(ordered, transfer.endedAt ?? transfer.startedAt ?? ordered) : ordered
        return max(.zero, began.time.since(start) + (now - began.instant))
    }
}

extension TransferMachine.Following {
    func state(_ restarted: ContinuousClock.Instant?) -> TransferMachine.State {
        restarted.map { .restarted(self, since: $0) } ?? .following(self)
    }

    mutating func judge(_ now: ContinuousClock.Instant) -> TransferClocks.Verdict {
        let transfer = found.transfer
        return clocks.judge(transfer.state, bytes: transfer.bytesTransferred, attempts: transfer.attempts, now: now)
    }
}
