import Contracts

/// Why no request may be made now.
struct BudgetObstacle: Sendable, Equatable {
    let reason: BudgetExhausted.Reason
    /// When it is gone. For ``BudgetExhausted/Reason/concurrency`` the latest; a request may end at any time.
    let until: Timestamp
}

extension BudgetLedger {
    /// Requests that are under way, as far as is known.
    func inFlight(at now: Timestamp) -> [BudgetUse] {
        uses.filter { $0.inFlightUntil.map { $0 > now } ?? false }
    }

    /// What stands in the way of a request now; the longest where there are several. Requests in flight are named only
    /// where nothing else stands in the way, since their end is not known.
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

    /// When the `count`-th request from now may begin, if nobody else makes one and each takes no time.
    func begin(ofRequest count: Int, _ limits: BudgetLimits, at now: Timestamp) -> Timestamp {
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
