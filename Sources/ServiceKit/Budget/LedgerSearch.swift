/// How long the lock and the ledger have been missing during one change.
///
/// Another process holds them for milliseconds, or, if its host has vanished, until the broker notices that after two
/// heartbeats. A message that is missing for longer is lost.
struct LedgerSearch {
    private let lostAfter: Duration
    private var lockMissingSince: ContinuousClock.Instant?
    private var ledgerMissingSince: ContinuousClock.Instant?
    private var pause = Duration.milliseconds(4)

    init(lostAfter: Duration) { self.lostAfter = lostAfter }

    mutating func foundLock() { lockMissingSince = nil }

    /// Records that the lock was not there.
    /// - Returns: whether it is lost. The time then starts again, as the caller creates another lock.
    mutating func missedLock() -> Bool {
        let isLost = Self.isLost(&lockMissingSince, lostAfter)
        if isLost { lockMissingSince = nil }
        return isLost
    }

    /// Records that the lock is held and the ledger was not there.
    /// - Returns: whether the ledger is lost.
    mutating func missedLedger() -> Bool { Self.isLost(&ledgerMissingSince, lostAfter) }

    /// Returns the pause before the next attempt. It grows, so that processes do not keep the messages from each other.
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
