import Synchronization

/// Whether the last write to a database failed. Then its readiness check writes as well, until a write succeeds.
final class WriteSuspicion: Sendable {
    private let failed = Mutex(false)

    var isSuspected: Bool { failed.withLock(\.self) }

    /// Records whether a write succeeded.
    func record(success: Bool) { failed.withLock { $0 = !success } }
}
