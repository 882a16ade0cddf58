import DequeModule
import Synchronization

/// A queue of deliveries between the connection's thread, which never waits, and the one reader of a subscription.
///
/// The prefetch count limits its size.
final class DeliveryBuffer: Sendable {
    private struct State {
        var deliveries: Deque<Delivery> = []
        var reader: CheckedContinuation<Delivery?, Never>?
        var isFinished = false
    }

    private let state = Mutex(State())

    /// The number of deliveries that were not read.
    var count: Int { state.withLock { $0.deliveries.count } }

    func append(_ delivery: Delivery) {
        let reader = state.withLock { state -> CheckedContinuation<Delivery?, Never>? in
            if let reader = state.reader {
                state.reader = nil
                return reader
            }
            state.deliveries.append(delivery)
            return nil
        }
        reader?.resume(returning: delivery)
    }

    /// Waits for the next delivery.
    /// - Returns: `nil` after ``finish()``, or if the reading task is cancelled. A cancelled reader removes no
    ///   delivery.
    func next() async -> Delivery? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isReady, delivery) = state.withLock { state -> (Bool, Delivery?) in
                    if Task.isCancelled { return (true, nil) }
                    while let delivery = state.deliveries.popFirst() {
                        // The connection's thread can lose a delivery before it removes it here. Only this process
                        // has what may be gone.
                        if delivery.isHeld || delivery.mayBeGone { return (true, delivery) }
                    }
                    if state.isFinished { return (true, nil) }
                    state.reader = continuation
                    return (false, nil)
                }
                if isReady { continuation.resume(returning: delivery) }
            }
        } onCancel: {
            releaseReader()
        }
    }

    /// Removes and returns the deliveries that were not read.
    func removeAll() -> [Delivery] {
        state.withLock { state in
            defer { state.deliveries = [] }
            return Array(state.deliveries)
        }
    }

    /// Ends the sequence for its reader.
    func finish() {
        state.withLock { $0.isFinished = true }
        releaseReader()
    }

    private func releaseReader() {
        let reader = state.withLock { state in
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: nil)
    }
}
