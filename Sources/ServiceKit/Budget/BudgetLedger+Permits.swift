import Contracts

/// Why a request is not allowed now.
struct BudgetObstacle: Sendable, Equatable {
    let reason: BudgetExhausted.Reason
    /// When the obstacle ends; for ``BudgetExhausted/Reason/concurrency`` at the latest, as a request may end at any time.
    let until: Timestamp
}

extension BudgetLedger {
    /// Returns the uses whose requests are in flight as far as the ledger contains it.
    func inFlight(at now: Timestamp) -> [BudgetUse] {
        uses.filter { $0.inFlightUntil.map { $0 > now } ?? false }
    }

    /// Returns the obstacle to a request now; the longest if there are several. Requests in flight are an obstacle only
    /// if there is no other, as their end is not known.
    func obstacle(_ limits: BudgetLimits, at now: Timestamp) -> BudgetObstacle? {
        let known = [
            blockedUntil.map { BudgetObstacle(reason: .blocked, until: $0) },
            windowEnd(limits).map { BudgetObstacle(reason: .window, until: $0) },
            limits.gap > .zero ? uses.last.map { BudgetObstacle(reason: .gap, until: $0.at + limits.gap) } : nil,
        ]
        let longest = known.compactMap { $0 }.max { $0.until < $1.until }
        if let longest, longest.until > now { return longest }
        let inFlight = inFlight(at: now)
        guard limits.concurrent > 0, inFlight.count >= limits.concurrent else { return nil }
        let free = inFlight.compactMap(\.inFlightUntil).sorted()[inFlight.count - limits.concurrent]
        return BudgetObstacle(reason: .concurrency, until: free)
    }

    /// Returns when the `count`-th request from now may start, if no other process sends one and each takes no time.
    func start(ofRequest count: Int, _ limits: BudgetLimits, at now: Timestamp) -> Timestamp {
        var times = uses.map(\.at)
        var next = max(now, blockedUntil ?? now)
        for _ in 0..<max(count, 1) {
            if let last = times.last { next = max(next, last + limits.gap) }
            if limits.uses > 0, times.count >= limits.uses {
                next = max(next, times[times.count - limits.uses] + limits.window)
            }
            times.append(next)
        }
        return next
    }

    private func windowEnd(_ limits: BudgetLimits) -> Timestamp? {
        guard limits.uses > 0, uses.count >= limits.uses else { return nil }
        return uses[uses.count - limits.uses].at + limits.window
    }
}
