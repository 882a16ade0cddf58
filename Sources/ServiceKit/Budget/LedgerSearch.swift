/// How long the turn and the ledger have been missing in the course of one change.
///
/// Somebody else holds them for milliseconds, or for as long as the broker takes to notice that a host is gone: two
/// heartbeats. What is missing for longer is lost.
struct LedgerSearch {
    private let lostAfter: Duration
    private var turnMissingSince: ContinuousClock.Instant?
    private var ledgerMissingSince: ContinuousClock.Instant?
    private var pause = Duration.milliseconds(4)
    /// Whether it was asked once if the budget was ever opened.
    var hasAskedForOpening = false

    init(lostAfter: Duration) { self.lostAfter = lostAfter }

    mutating func hasTurn() { turnMissingSince = nil }

    /// - Returns: whether the turn is lost; counts anew then, for one is made.
    mutating func missesTurn(nothingElse: Bool) -> Bool {
        let now = ContinuousClock.now
        let since = turnMissingSince ?? now
        let isLost = now - since >= lostAfter
        turnMissingSince = isLost ? nil : since
        // The ledger was not there either: no need to wait for it once more.
        if isLost, nothingElse { ledgerMissingSince = since }
        return isLost
    }

    /// The turn is there, the ledger is not.
    /// - Returns: whether the ledger is lost.
    mutating func missesLedger() -> Bool {
        let now = ContinuousClock.now
        let since = ledgerMissingSince ?? now
        ledgerMissingSince = since
        return now - since >= lostAfter
    }

    /// The pause before the next look: longer and longer, so that those who look do not keep it from each other.
    mutating func nextPause() -> Duration {
        defer { pause = min(pause * 2, .milliseconds(100)) }
        return pause * Double.random(in: 0.5...1.5)
    }
}
