import Contracts
import Synchronization

/// Collects events of several tasks.
final class LockedEvents: Sendable {
    private let list = Mutex<[ExpansionEvent]>([])

    var events: [ExpansionEvent] { list.withLock { $0 } }

    func append(_ event: ExpansionEvent) { list.withLock { $0.append(event) } }
}
