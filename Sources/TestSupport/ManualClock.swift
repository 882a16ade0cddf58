public import Contracts
import Synchronization

/// A clock that a test advances.
public final class ManualClock: Sendable {
    private let time = Mutex(Timestamp.now)

    public init() {}

    public var now: Timestamp { time.withLock { $0 } }
    public func advance(_ span: Duration) { time.withLock { $0 = $0 + span } }
}
