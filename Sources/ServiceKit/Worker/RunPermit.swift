import Synchronization

/// The right of a run to a slot of its worker and to a place in the process. It ends once, with the run: a run that
/// continues without its delivery keeps it.
final class RunPermit: Sendable {
    private let ends: Mutex<[@Sendable () -> Void]>

    init(_ end: @escaping @Sendable () -> Void) { ends = Mutex([end]) }

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
