public import Contracts

/// How much of a provider's budget is used at a given time.
public struct BudgetStatus: Sendable, Equatable {
    /// Requests within the window that ends now.
    public let used: Int
    /// The most requests in a window; 0 means no limit.
    public let limit: Int
    public let inFlight: Int
    /// When the next request may start, at the latest: a request in flight may end at any time. Not later than now when
    /// one may start at once.
    public let freeAt: Timestamp
    /// Until when the provider is blocked; `nil` when it is not.
    public let blockedUntil: Timestamp?
    public let blockedBecause: String?
}

extension BudgetStatus {
    init(_ ledger: BudgetLedger, _ limits: BudgetLimits, at now: Timestamp) {
        used = ledger.uses.count { $0.at + limits.window > now }
        limit = limits.uses
        inFlight = ledger.inFlight(at: now).count
        freeAt = ledger.obstacle(limits, at: now)?.until ?? now
        let isBlocked = ledger.blockedUntil.map { $0 > now } ?? false
        blockedUntil = isBlocked ? ledger.blockedUntil : nil
        blockedBecause = isBlocked ? ledger.blockedBecause : nil
    }
}
