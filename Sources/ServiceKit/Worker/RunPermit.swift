import Synchronization

/// The right of a run to a slot of its worker and to a place in the process. It ends once, with the run: a run that
/// continues without its delivery keeps it.
final class RunPermit: Sendable {
    private let ends: Mutex<[@Sendable () -> Void]>
    private let isKept = Mutex(false)

    init(_ end: @escaping @Sendable () -> Void) { ends = Mutex([end]) }

    /// Keeps the permit beyond the delivery, for a run that continues.
    func keep() { isKept.withLock { $0 = true } }

    /// Ends the permit with the delivery, unless the run continues.
    func endWithDelivery() {
        if !isKept.withLock({ $0 }) { end() }
    }

    /// Adds what the end of the run gives back.
    func add(_ end: @escaping @Sendable () -> Void) { ends.withLock { $0.append(end) } }

    /// Ends the permit. A repetition changes nothing.
    func end() {
        let ends = ends.withLock { ends in
            defer { ends = [] }
            return ends
        }
        for end in ends { end() }
    }
}
