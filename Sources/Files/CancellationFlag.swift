import Synchronization

/// A flag that carries the cancellation of a task to the thread that works for it.
public final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    public init() {}

    public var isSet: Bool { flag.load(ordering: .relaxed) }

    /// Sets the flag. It stays set.
    public func set() { flag.store(true, ordering: .relaxed) }

    /// - Throws: `CancellationError` when the flag is set.
    public func check() throws(CancellationError) {
        if isSet { throw CancellationError() }
    }
}
