import Foundation

/// A line of the code at which a test can kill the process.
///
/// Each point follows a step that other processes can see: a confirmed message, a committed row, a renamed file. The
/// setting `HDM_CRASH_POINT` selects one point: `name` kills at its first pass, `name:3` at its third, `name:1%` at each
/// pass with this probability. The name `any` selects all points. Without the setting, a pass does nothing.
public enum CrashPoint: String, CaseIterable, Sendable {
    // Settlement of a delivery.
    case outcomeStored = "outcome.stored"
    case endingMarked = "ending.marked"
    case settlementPublished = "settlement.published"
    case settlementConfirmed = "settlement.confirmed"
    case settlementAcked = "settlement.acked"
    case handbackPublished = "handback.published"
    case generationClaimed = "generation.claimed"
    // Gateway.
    case admissionCommitted = "admission.committed"
    case outboxConfirmed = "outbox.confirmed"
    case projectionCommitted = "projection.committed"
    // Download.
    case downloadOrdered = "download.ordered"
    case downloadTransferred = "download.transferred"
    case downloadStaged = "download.staged"
    // Tag.
    case tagCopied = "tag.copied"
    case tagWritten = "tag.written"
    case tagStored = "tag.stored"
    // Move.
    case moveReserved = "move.reserved"
    case moveCopied = "move.copied"
    case movePlaced = "move.placed"
    case moveRecorded = "move.recorded"
    case moveCleaned = "move.cleaned"
    // Recovery.
    case recoveryIndexed = "recovery.indexed"
    case recoveryClaimed = "recovery.claimed"
    case recoveryPublished = "recovery.published"
    case recoveryRestored = "recovery.restored"
    // hdm topology upgrade.
    case upgradePrepared = "upgrade.prepared"
    case upgradeUnbound = "upgrade.unbound"
    case upgradeConfirmed = "upgrade.confirmed"
    case upgradeDeleted = "upgrade.deleted"
    case upgradeReturned = "upgrade.returned"
    case upgradeBound = "upgrade.bound"

    /// Kills the process with SIGKILL if the setting selects this pass of the point.
    @inline(__always)
    public static func pass(_ point: CrashPoint) {
        guard let armed else { return }
        armed.pass(point)
    }

    /// `nil` without the setting, so that a pass costs one comparison.
    private static let armed = ArmedCrash.fromEnvironment()
}
