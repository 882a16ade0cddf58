import Synchronization

/// Records how one delivery ends, and informs its observers once.
///
/// The delivery and the ``ChannelTable`` of its connection share it.
final class DeliveryLease: Sendable {
    /// How a delivery ends.
    enum Ending: Sendable {
        case settled
        /// The channel or the connection is gone. The broker delivers the message again.
        case lost(AMQPError)
    }

    /// Called without a lock, on the thread that ends the delivery. It must not block.
    typealias Observer = @Sendable (Ending) -> Void

    private struct State {
        var ending: Ending?
        var observers: [Int: Observer] = [:]
        var nextObserver = 0
    }

    private let state = Mutex(State())

    /// Whether the delivery is neither settled nor lost.
    var isHeld: Bool { state.withLock { $0.ending == nil } }

    /// How the delivery ended; `nil` while it is held.
    var ending: Ending? { state.withLock { $0.ending } }

    /// The number of observers that wait for the end.
    var observerCount: Int { state.withLock { $0.observers.count } }

    /// Ends the delivery. Only the first call has an effect.
    /// - Returns: Whether this call ended the delivery.
    @discardableResult
    func end(_ ending: Ending) -> Bool {
        let observers = state.withLock { state -> [Int: Observer]? in
            guard state.ending == nil else { return nil }
            state.ending = ending
            // Observers can hold the delivery, which holds this lease.
            defer { state.observers = [:] }
            return state.observers
        }
        guard let observers else { return false }
        for number in observers.keys.sorted() { observers[number]?(ending) }
        return true
    }

    /// Calls an observer when the delivery ends, or immediately if it has ended.
    /// - Returns: The number for ``removeObserver(_:)``; `nil` if the delivery has ended.
    @discardableResult
    func observe(_ observer: @escaping Observer) -> Int? {
        let (ending, number) = state.withLock { state -> (Ending?, Int?) in
            if let ending = state.ending { return (ending, nil) }
            defer { state.nextObserver += 1 }
            state.observers[state.nextObserver] = observer
            return (nil, state.nextObserver)
        }
        if let ending { observer(ending) }
        return number
    }

    /// Removes an observer. A call that has begun at the same time continues.
    func removeObserver(_ number: Int) { state.withLock { _ = $0.observers.removeValue(forKey: number) } }
}
