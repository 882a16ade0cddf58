public import Contracts

/// What of a provider's budget is used at a moment.
public struct BudgetStatus: Sendable, Equatable {
    /// Uses within the window that ends now.
    public let used: Int
    /// Uses that a window may have; 0 for as many as wanted.
    public let limit: Int
    public let inFlight: Int
    /// When the next request may begin, as far as is known: a request in flight may end at any time. Not later than now
    /// when one may begin at once.
    public let freeAt: Timestamp
    /// Until when the provider takes none at all, while it does.
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
