/// How long the turn and the ledger have been missing in the course of one change.
///
/// Somebody else holds them for milliseconds, or for as long as the broker takes to notice that a host is gone: two
/// heartbeats. What is missing for longer is lost.
struct LedgerSearch {
    private let lostAfter: Duration
    private var turnMissingSince: ContinuousClock.Instant?
    private var ledgerMissingSince: ContinuousClock.Instant?
    private var pause = Duration.milliseconds(4)

    init(lostAfter: Duration) { self.lostAfter = lostAfter }

    mutating func foundTurn() { turnMissingSince = nil }

    /// - Returns: whether the turn is lost. Counts anew then, for another one is made.
    mutating func missedTurn() -> Bool {
        let isLost = Self.isLost(&turnMissingSince, lostAfter)
        if isLost { turnMissingSince = nil }
        return isLost
    }

    /// The turn is in hand, the ledger is not there.
    /// - Returns: whether the ledger is lost.
    mutating func missedLedger() -> Bool { Self.isLost(&ledgerMissingSince, lostAfter) }

    /// The pause before the next look: longer and longer, so that those who look do not keep it from each other.
    mutating func nextPause() -> Duration {
        defer { pause = min(pause * 2, .milliseconds(100)) }
        return pause * Double.random(in: 0.5...1.5)
    }

    private static func isLost(_ since: inout ContinuousClock.Instant?, _ limit: Duration) -> Bool {
        let now = ContinuousClock.now
        let began = since ?? now
        since = began
        return now - began >= limit
    }
}
